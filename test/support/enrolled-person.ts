import { randomBytes } from 'node:crypto'
import { encodeBase32, RFC4648_ALPHABET } from '../../src/base/base32.ts'
import type { OtpAlgorithm } from '../../src/domain/device.ts'
import type { KeyPair } from './client-key.ts'
import type { Otpgate } from './otpgate-host.ts'
import { requireTool } from './run-tool.ts'
import type { HostUser } from './throwaway-host.ts'

/** An authenticator app, played by oathtool(1): another implementation than ours. */
export interface Authenticator {
  readonly secretBase32: string
  readonly algorithm: OtpAlgorithm
  readonly digits: number
  readonly periodSeconds: number
}

export interface EnrolledPerson {
  readonly name: string
  readonly key: KeyPair
  readonly app: Authenticator
  readonly recoveryCodes: readonly string[]
}

export type AppSettings = Partial<Omit<Authenticator, 'secretBase32'>>

export interface EnrollSettings extends AppSettings {
  /** Recovery codes cost ten slow hashes: only where the test uses one. */
  readonly recovery?: true
}

const SHORTEST_STEADY_SECONDS = 60
const LONGEST_STEADY_SECONDS = 120
const NEAR_STEPS = 10

/** A secret nobody has yet. */
export function createApp(settings: AppSettings = {}): Authenticator {
  const secretBase32 = encodeBase32(randomBytes(20), RFC4648_ALPHABET)
  return { secretBase32, algorithm: 'SHA1', digits: 6, periodSeconds: 30, ...settings }
}

/** The code that the app shows `stepsFromNow` steps from now. */
export function codeOf(app: Authenticator, stepsFromNow = 0): string {
  const [code = ''] = codesFrom(app, stepsFromNow, 1)
  return code
}

/** The code that the app shows at that time, in seconds since 1970. */
export function codeAt(app: Authenticator, at: number): string {
  const [code = ''] = codesOf(app, at, 1)
  return code
}

/** A code of the right length that the app does not show in any step near now. */
export function wrongCodeOf(app: Authenticator): string {
  const near = codesFrom(app, -NEAR_STEPS, 2 * NEAR_STEPS + 1)
  const digits = Array.from('0123456789', (digit) => digit.repeat(app.digits))
  return digits.find((code) => !near.includes(code)) ?? ''
}

/**
 * A period that has most of its length still before it, so that no step ends during a test that
 * counts steps, and none has to be waited for.
 */
export function steadyPeriodSeconds(): number {
  const now = Math.floor(Date.now() / 1000)
  const left = (period: number) => period - (now % period)
  const count = LONGEST_STEADY_SECONDS - SHORTEST_STEADY_SECONDS + 1
  return Array.from({ length: count }, (_, index) => SHORTEST_STEADY_SECONDS + index).reduce(
    (best, period) => (left(period) > left(best) ? period : best),
  )
}

/** Enrolls by `otpgate enroll --secret-stdin --no-confirm`: the first accepted code confirms. */
export async function enrollPerson(
  otpgate: Otpgate,
  user: HostUser,
  { recovery, ...settings }: EnrollSettings = {},
): Promise<EnrolledPerson> {
  const app = createApp(settings)
  const options = [...enrollOptions(app), ...(recovery ? [] : ['--no-recovery'])]
  const args = ['enroll', user.name, ...options, '--no-confirm', '--json']
  const enrolled: { recovery_codes: readonly string[] } = JSON.parse(
    await otpgate.require(args, `${app.secretBase32}\n`),
  )
  return { name: user.name, key: user.key, app, recoveryCodes: enrolled.recovery_codes }
}

/** Takes the person's devices away and enrolls a new one: no failures, nothing accepted yet. */
export async function enrollAnew(
  otpgate: Otpgate,
  user: HostUser,
  settings: EnrollSettings = {},
): Promise<EnrolledPerson> {
  await otpgate.require(['reset', user.name, '--yes'])
  return enrollPerson(otpgate, user, settings)
}

/** What `otpgate enroll` has to be told so that it takes this very app. */
export function enrollOptions(app: Authenticator): readonly string[] {
  return [
    '--secret-stdin',
    ...['--digits', String(app.digits)],
    ...['--algorithm', app.algorithm],
    ...['--period', `${app.periodSeconds}s`],
  ]
}

function codesFrom(app: Authenticator, firstStep: number, count: number): string[] {
  return codesOf(app, Math.floor(Date.now() / 1000) + firstStep * app.periodSeconds, count)
}

function codesOf(app: Authenticator, at: number, count: number): string[] {
  const { stdout } = requireTool('oathtool', [
    `--totp=${app.algorithm.toLowerCase()}`,
    '--base32',
    ...['--digits', String(app.digits)],
    ...['--time-step-size', `${app.periodSeconds}s`],
    ...['--now', `@${at}`],
    ...['--window', String(count - 1)],
    app.secretBase32,
  ])
  return stdout.trim().split('\n')
}
