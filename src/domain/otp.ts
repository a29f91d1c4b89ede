import { timingSafeEqual } from 'node:crypto'
import { HOTP, Secret } from 'otpauth'
import { DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import { type CodeShape, SHORTEST_PERIOD_SECONDS } from './device.ts'

/** Two days of the shortest period: nobody has to look at more codes at once. */
const MOST_STEPS = (2 * DAY_SECONDS) / SHORTEST_PERIOD_SECONDS + 1

/** Number of whole periods since 1970: T of RFC 6238 section 4.2, with T0 = 0. */
export function stepAt(now: UnixSeconds, periodSeconds: number): number {
  return Math.floor(now / periodSeconds)
}

/** The code of one step: HOTP (RFC 4226 section 5.3) over it, `digits` ASCII digits. */
export function generateCode(secret: Buffer, parameters: CodeShape, step: number): string {
  const { algorithm, digits } = parameters
  return HOTP.generate({ secret: toSecret(secret), algorithm, digits, counter: step })
}

/**
 * The steps between `first` and `last`, both included, whose code is `code`: none, one, or by chance
 * several. Every step is computed and compared in constant time, so that the time tells nothing.
 *
 * Throws RangeError for more steps than anybody needs: this runs while the database is locked, and
 * numbers that make no sense must not keep everybody else waiting.
 */
export function findSteps(
  secret: Buffer,
  parameters: CodeShape,
  code: string,
  first: number,
  last: number,
): readonly number[] {
  const isShort = Number.isSafeInteger(first) && last - first < MOST_STEPS
  if (!isShort || !Number.isSafeInteger(last)) throw new RangeError(`no steps: ${first}..${last}`)
  const { algorithm, digits } = parameters
  const key = toSecret(secret)
  const given = Buffer.from(code)
  const found: number[] = []
  for (let step = Math.max(0, first); step <= last; step++) {
    const right = Buffer.from(HOTP.generate({ secret: key, algorithm, digits, counter: step }))
    if (given.length === right.length && timingSafeEqual(given, right)) found.push(step)
  }
  return found
}

function toSecret(bytes: Buffer): Secret {
  return new Secret({ buffer: Uint8Array.from(bytes).buffer })
}
