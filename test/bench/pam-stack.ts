import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSecret } from '../../src/domain/secret.ts'
import type { OtpgateHost } from '../support/otpgate-host.ts'
import type { Measured } from './bench-part.ts'
import { compile } from './compile.ts'
import { interleave } from './interleave.ts'
import { openPamDriver, type PamDriver } from './pam-driver.ts'
import { type Ratio, relate, type Sample, summarize } from './sample.ts'
import type { Subject } from './subject.ts'

const OATH_USERS = 10

/** One way to ask for a code: its PAM service, and what makes each login the first. */
interface Stack {
  readonly service: string
  readonly reset: () => void
}

const TITLES = {
  permit: 'pam_permit',
  exec: 'pam_exec of a static true',
  oathAccepted: 'pam_oath, accepted',
  oathDenied: 'pam_oath, denied',
  googleAccepted: 'google-authenticator, accepted',
  googleDenied: 'google-authenticator, denied',
  accepted: 'otpgate recipe, accepted',
  denied: 'otpgate recipe, denied',
} as const

type LoginName = keyof typeof TITLES
type SampleOf = (name: LoginName) => Sample

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
  try {
    const times = await interleave(openLogins(driver, host, subject), rounds)
    const sampleOf: SampleOf = (name) => summarize(TITLES[name], 'ms', times(name))
    return { samples: samplesOf(sampleOf), ratios: ratiosOf(sampleOf) }
  } finally {
    driver.close()
  }
}

/** One login each, timed. */
function openLogins(
  driver: PamDriver,
  host: OtpgateHost,
  subject: Subject,
): Readonly<Record<LoginName, () => Promise<number>>> {
  const login = async ({ service, reset }: Stack, answer: string, isRight: boolean) => {
    reset()
    const { ok, ms } = await driver.login({ service, user: subject.name, answer })
    if (ok !== isRight) throw new Error(`${service}: the login came to ${ok}, not ${isRight}`)
    return ms
  }
  const accept = (stack: Stack) => () => login(stack, subject.rightCode(), true)
  const deny = (stack: Stack) => () => login(stack, subject.wrongCode, false)
  const { permit, floor, google, oath, otpgate } = addStacks(host, subject)
  return {
    permit: accept(permit),
    exec: accept(floor),
    oathAccepted: accept(oath),
    oathDenied: deny(oath),
    googleAccepted: accept(google),
    googleDenied: deny(google),
    accepted: accept(otpgate),
    denied: deny(otpgate),
  }
}

function samplesOf(sampleOf: SampleOf): readonly Sample[] {
  const others = [sampleOf('permit'), sampleOf('exec')]
  const oath = [sampleOf('oathAccepted'), sampleOf('oathDenied')]
  const google = [sampleOf('googleAccepted'), sampleOf('googleDenied')]
  return [...others, ...oath, ...google, sampleOf('accepted'), sampleOf('denied')]
}

/** What facts/PERFORMANCE wants of the recipe is with the daemon: no limit for this one. */
function ratiosOf(sampleOf: SampleOf): readonly Ratio[] {
  return [
    relate(sampleOf('accepted'), sampleOf('exec')),
    relate(sampleOf('accepted'), sampleOf('googleAccepted')),
    relate(sampleOf('denied'), sampleOf('googleDenied')),
    relate(sampleOf('accepted'), sampleOf('oathAccepted')),
    relate(sampleOf('googleAccepted'), sampleOf('exec')),
  ]
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
