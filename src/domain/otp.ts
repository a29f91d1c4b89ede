import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
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
  return openGenerator(secret, parameters)(step)
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
  const generate = openGenerator(secret, parameters)
  const given = Buffer.from(code)
  const found: number[] = []
  for (let step = Math.max(0, first); step <= last; step++) {
    const right = Buffer.from(generate(step))
    if (given.length === right.length && timingSafeEqual(given, right)) found.push(step)
  }
  return found
}

/**
 * Codes of one secret by their step. A key object: Node takes 20 us a code to check bytes that are a key,
 * seven times as long as the HMAC itself.
 */
function openGenerator(bytes: Buffer, { algorithm, digits }: CodeShape): (step: number) => string {
  const key = createSecretKey(bytes)
  const hmac = (name: string, _: Uint8Array, message: Uint8Array) =>
    createHmac(name, key).update(message).digest()
  const secret = new Secret({ buffer: Uint8Array.from(bytes).buffer })
  return (counter) => HOTP.generate({ secret, algorithm, digits, counter, hmac })
}
