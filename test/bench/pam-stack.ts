import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSecret } from '../../src/domain/secret.ts'
import type { OtpgateHost } from '../support/otpgate-host.ts'
import type { Measured } from './bench-part.ts'
import { compile } from './compile.ts'
import { interleave } from './interleave.ts'
import { openPamDriver } from './pam-driver.ts'
import { relate, type Sample, summarize } from './sample.ts'
import type { Subject } from './subject.ts'

const OATH_USERS = 10

/** One way to ask for a code: its PAM service, and what makes each login the first. */
interface Stack {
  readonly service: string
  readonly reset: () => void
}

/**
 * A login at the level of PAM: our whole recipe, every line of it, against the others. State is put
 * back before each login, so that codes accepted can be measured within one step for all alike.
 */
export async function measurePamStacks(
  host: OtpgateHost,
  subject: Subject,
  rounds: number,
): Promise<Measured> {
  const driver = openPamDriver(host.directory)
  const login =
    ({ service, reset }: Stack, answer: () => string, ok: boolean) =>
    async () => {
      reset()
      const timed = await driver.login({ service, user: subject.name, answer: answer() })
      if (timed.ok !== ok) throw new Error(`${service}: the login came to ${timed.ok}, not ${ok}`)
      return timed.ms
    }
  const right = () => subject.rightCode()
  const wrong = () => subject.wrongCode
  const { permit, floor, google, oath, otpgate } = addStacks(host, subject)
  try {
    const times = await interleave(
      {
        pam_permit: login(permit, right, true),
        'pam_exec of a static true': login(floor, right, true),
        'pam_oath, accepted': login(oath, right, true),
        'pam_oath, denied': login(oath, wrong, false),
        'google-authenticator, accepted': login(google, right, true),
        'google-authenticator, denied': login(google, wrong, false),
        'otpgate recipe, accepted': login(otpgate, right, true),
        'otpgate recipe, denied': login(otpgate, wrong, false),
      },
      rounds,
    )
    const sample = (name: string): Sample => summarize(name, 'ms', times(name))
    const accepted = sample('otpgate recipe, accepted')
    const denied = sample('otpgate recipe, denied')
    const exec = sample('pam_exec of a static true')
    const googleAccepted = sample('google-authenticator, accepted')
    const googleDenied = sample('google-authenticator, denied')
    const oathAccepted = sample('pam_oath, accepted')
    const others = [sample('pam_permit'), exec, oathAccepted, sample('pam_oath, denied')]
    return {
      samples: [...others, googleAccepted, googleDenied, accepted, denied],
      ratios: [
        // What facts/PERFORMANCE wants of the recipe is with the daemon: no limit for this one.
        relate(accepted, exec),
        relate(accepted, googleAccepted),
        relate(denied, googleDenied),
        relate(accepted, oathAccepted),
        relate(googleAccepted, exec),
      ],
    }
  } finally {
    driver.close()
  }
}

function addStacks(host: OtpgateHost, subject: Subject) {
  const account = 'account required pam_permit.so'
  const add = (auth: string, reset = () => {}): Stack => ({
    service: host.addPamService(`auth ${auth}\n${account}\n`),
    reset,
  })
  const nothing = compile('true.c', host.directory, '-static')
  const googleFile = join(host.secretDirectory, 'google')
  const oathFile = join(host.secretDirectory, 'oath')
  return {
    permit: add('required pam_permit.so'),
    floor: add(`required pam_exec.so quiet ${nothing}`),
    google: add(`required pam_google_authenticator.so user=root secret=${googleFile}`, () =>
      writeFileSync(googleFile, googleState(subject), { mode: 0o600 }),
    ),
    oath: add(`required pam_oath.so usersfile=${oathFile} window=3 digits=6`, () =>
      writeFileSync(oathFile, oathState(subject), { mode: 0o600 }),
    ),
    otpgate: { service: addRecipe(host, subject), reset: subject.reset },
  }
}

/** The shipped key-then-code recipe, without the distribution's lines around it. */
function addRecipe(host: OtpgateHost, { otpgate }: Subject): string {
  const verifier = otpgate.verifier.join(' ')
  return host.addPamService(`
auth [success=done default=ignore] pam_exec.so quiet stdout ${verifier} --excused
auth requisite pam_exec.so quiet stdout expose_authtok ${verifier}
auth required pam_permit.so
account requisite pam_exec.so quiet stdout ${verifier} --account
`)
}

/** As google-authenticator(1) writes it with -t -d -r 3 -R 30 -w 3: its safe setting. */
function googleState({ app }: Subject): string {
  const options = ['RATE_LIMIT 3 30', 'WINDOW_SIZE 3', 'DISALLOW_REUSE', 'TOTP_AUTH']
  return [app.secretBase32, ...options.map((option) => `" ${option}`), ''].join('\n')
}

/** A usersfile with some people before ours. */
function oathState({ app, name }: Subject): string {
  const secret = parseSecret(app.secretBase32).toString('hex')
  const others = Array.from({ length: OATH_USERS - 1 }, (_, index) => `other${index}`)
  return [...others, name].map((user) => `HOTP/T30/6 ${user} - ${secret}\n`).join('')
}
