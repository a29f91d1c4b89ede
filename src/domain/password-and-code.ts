import { type Answer, parseTypedCode } from './answer.ts'
import type { OtpDigits } from './device.ts'

/** One way to take an answer for a password with a code behind it. */
export interface CutAnswer {
  /** A view of the answer's own bytes: overwritten with them. */
  readonly password: Buffer
  readonly code: Answer
}

/** `XXXX-XXXX-XXXX-XXXX`; without the hyphens it could as well be the end of a password. */
const ONE_TIME_CODE = /^[^\s-]{4}(?:-[^\s-]{4}){3}$/
const ONE_TIME_CODE_LENGTH = 19

/**
 * Every way to cut `answer`: each length of code that the person has, the longest first, then a
 * one-time code. Exactly so many digits, as the password may end with some of its own; a password is
 * right in one of them at most. Never an empty one, and none with a NUL: unix_chkpwd(8) would read it
 * up to there only.
 */
export function cutAnswer(answer: Buffer, lengths: readonly OtpDigits[]): readonly CutAnswer[] {
  if (answer.includes(0)) return []
  const longestFirst = [...new Set(lengths)].toSorted((a, b) => b - a)
  return [
    ...longestFirst.map((length) => cutAt(answer, length, /^\d+$/)),
    cutAt(answer, ONE_TIME_CODE_LENGTH, ONE_TIME_CODE),
  ].filter((cut) => cut !== undefined)
}

function cutAt(answer: Buffer, length: number, shape: RegExp): CutAnswer | undefined {
  if (answer.length <= length) return undefined
  const tail = answer.toString('latin1', answer.length - length)
  const code = parseTypedCode(tail)
  if (!shape.test(tail) || code.kind === 'unusable') return undefined
  return { password: answer.subarray(0, -length), code }
}
