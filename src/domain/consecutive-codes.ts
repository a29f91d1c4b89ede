import type { CodeShape } from './device.ts'
import { findSteps, generateCode } from './otp.ts'

/** So many presses are looked through for a code of a device that counts them. */
export const LONGEST_COUNT = 1000

/** Two codes that a device has shown right after each other. */
export interface ConsecutiveCodes {
  readonly first: string
  readonly second: string
}

/**
 * The steps, or counters, of `second` at which the two codes follow each other, between `from` and
 * `to`. One code alone is right somewhere in any long search; two six-digit ones fit
 * somewhere in the 5,760 steps of two days by chance once in 170 million.
 */
export function findConsecutive(
  secret: Buffer,
  shape: CodeShape,
  { first, second }: ConsecutiveCodes,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  return findSteps(secret, shape, first, from - 1, to - 1)
    .map((step) => step + 1)
    .filter((step) => generateCode(secret, shape, step) === second)
}
