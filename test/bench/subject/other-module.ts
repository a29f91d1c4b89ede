import { chmodSync, chownSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBase32, RFC4648_ALPHABET } from '../../../src/base/base32.ts'
import type { OtpgateHost } from '../../support/otpgate-host.ts'
import { compile } from '../compile.ts'
import type { Crowd } from '../crowd.ts'
import { personName } from '../fill-store.ts'
import { addSingleCall, addWholeStack, type Subject } from './subject.ts'

/** Modules that ask nobody anything: what PAM itself costs, and what a program on top of it. */
export function addFloors(host: OtpgateHost): { readonly permit: Subject; readonly exec: Subject } {
  const nothing = compile('true.c', host.directory, '-static')
  const floor = { id: 'exec', title: 'pam_exec of a static true' }
  return {
    permit: addSingleCall(host, { id: 'permit', title: 'pam_permit' }, 'pam_permit.so'),
    exec: addSingleCall(host, floor, `pam_exec.so quiet ${nothing}`),
  }
}

/** google-authenticator as people deploy it: by itself, and as their whole stack for sshd. */
export function addGoogle(
  host: OtpgateHost,
  crowd: Crowd,
): { readonly call: Subject; readonly stack: Subject } {
  const module = 'pam_google_authenticator.so'
  const reset = (names: readonly string[]) => layGoogleFiles(crowd, names)
  const call = { id: 'google', title: 'google-authenticator' }
  const stack = { id: 'google-stack', title: "google-authenticator's usual stack" }
  return {
    call: addSingleCall(host, call, module, { reset }),
    stack: addWholeStack(host, stack, `auth required ${module}`, { reset }),
  }
}

/** As google-authenticator(1) writes it with -t -d -r 3 -R 30 -w 3: its safe setting. */
function layGoogleFiles({ secret, uid, homeOf }: Crowd, names: readonly string[]): void {
  const options = ['RATE_LIMIT 3 30', 'WINDOW_SIZE 3', 'DISALLOW_REUSE', 'TOTP_AUTH']
  const secretBase32 = encodeBase32(secret, RFC4648_ALPHABET)
  const text = [secretBase32, ...options.map((option) => `" ${option}`), ''].join('\n')
  for (const name of names) {
    const file = join(homeOf(name), '.google_authenticator')
    rmSync(file, { force: true })
    writeFileSync(file, text, { mode: 0o400 })
    chownSync(file, uid, uid)
  }
}

/** pam_oath with so many people in its one file. Those of the crowd stand in its middle. */
export function addOath(host: OtpgateHost, crowd: Crowd, people: number): Subject {
  const file = join(host.secretDirectory, `oath-${people}`)
  const pristine = `${file}.pristine`
  const line = (name: string) => `HOTP/T30/6 ${name} - ${crowd.secret.toString('hex')}\n`
  const ours = crowd.names.slice(0, people)
  const others = Array.from({ length: people - ours.length }, (_, index) =>
    personName(1_000_000 + index),
  )
  const half = others.length / 2
  const all = [...others.slice(0, half), ...ours, ...others.slice(half)]
  writeFileSync(pristine, all.map(line).join(''))
  const subject = { id: `oath-${people}`, title: `pam_oath, ${people.toLocaleString('en')} people` }
  return addSingleCall(host, subject, `pam_oath.so usersfile=${file} window=3 digits=6`, {
    reset() {
      copyFileSync(pristine, file)
      chmodSync(file, 0o600)
    },
  })
}
