import { timingSafeEqual } from 'node:crypto'
import { HOTP, Secret } from 'otpauth'
import type { UnixSeconds } from '../base/time.ts'
import type { CodeShape } from './device.ts'

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
 */
export function findSteps(
  secret: Buffer,
  parameters: CodeShape,
  code: string,
  first: number,
  last: number,
): readonly number[] {
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
