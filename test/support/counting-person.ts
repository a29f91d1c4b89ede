import { randomBytes } from 'node:crypto'
import { tokenCode } from './app-code.ts'
import { BEHIND_A_KEY } from './code-service.ts'
import type { Otpgate, OtpgateHost } from './otpgate-host.ts'
import { type PamResult, runPamTester } from './pam-tester.ts'

/** Somebody whose token gives a new right code at each press, so that nobody has to wait for one. */
export interface CountingPerson {
  readonly name: string
  /** The code of the next press. */
  press(): string
  /** The code that `press` gave last. */
  last(): string
}

/** Enrolls a new user with a token that counts presses (RFC 4226). */
export async function enrollCountingPerson(
  host: OtpgateHost,
  otpgate: Otpgate,
): Promise<CountingPerson> {
  const { name } = host.addUser()
  const secret = randomBytes(20).toString('hex')
  const options = ['--type', 'hotp', '--secret-stdin', '--no-confirm', '--no-recovery']
  await otpgate.require(['enroll', name, ...options], `${secret}\n`)
  let presses = 0
  return {
    name,
    press: () => tokenCode(secret, presses++),
    last: () => tokenCode(secret, presses - 1),
  }
}

/** One login behind a key, through the code's line and the one of the account phase. */
export async function logInOnce(
  service: string,
  user: string,
  answer: string,
  port: number,
): Promise<PamResult & { readonly milliseconds: number }> {
  const SSH_CONNECTION = `192.0.2.7 ${port} 192.0.2.1 22`
  const begun = performance.now()
  const result = await runPamTester({
    ...{ service, user, answers: [answer], timeoutMs: 60_000 },
    operations: ['authenticate', 'acct_mgmt'],
    env: { ...BEHIND_A_KEY, SSH_CONNECTION },
    items: { tty: 'ssh' },
  })
  return { ...result, milliseconds: performance.now() - begun }
}
