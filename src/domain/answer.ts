import { type OneTimeCodeParts, parseOneTimeCode } from './one-time-code.ts'

/** Why an answer can be no code at all. Denied, and not charged as a guess. */
export type UnusableReason = 'empty' | 'truncated' | 'refused-by-sshd' | 'not-a-code'

/** What somebody typed at the prompt, as far as its form tells. */
export type Answer =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'one-time-code'; readonly parts: OneTimeCodeParts }
  | { readonly kind: 'unusable'; readonly reason: UnusableReason }

/** pam_exec hands over at most this many bytes; an answer that long has lost its end. */
export const LONGEST_ANSWER_BYTES = 511

/** Six to eight ASCII digits, blanks around them, one blank or hyphen inside: `123 456`. */
const CODE = /^\s*(?=\d(?:[ -]?\d){5,7}\s*$)(\d+)(?:[ -](\d+))?\s*$/
const ASCII = /^[\0-~]*$/
/** What sshd repeats in place of the answer for a login that it refuses anyway (auth-pam.c). */
const SSHD_JUNK = Buffer.from('\b\n\r\x7fINCORRECT')

/** Judges the form of an answer of at most 512 bytes, as pam_exec(8) with expose_authtok writes it. */
export function parseAnswer(bytes: Buffer): Answer {
  const received = receiveAnswer(bytes)
  if (received.kind === 'unusable') return received
  return parseTypedCode(received.text.toString('latin1'))
}

/** An answer as it was typed, or why it was not typed like that. */
export type ReceivedAnswer =
  | { readonly kind: 'received'; readonly text: Buffer }
  | Extract<Answer, { kind: 'unusable' }>

/** Takes off what stands between a keyboard and us; `text` is a view of `bytes`. */
export function receiveAnswer(bytes: Buffer): ReceivedAnswer {
  if (bytes.length >= LONGEST_ANSWER_BYTES) return { kind: 'unusable', reason: 'truncated' }
  const text = withoutTerminator(bytes)
  if (text.length === 0) return { kind: 'unusable', reason: 'empty' }
  if (isSshdJunk(text)) return { kind: 'unusable', reason: 'refused-by-sshd' }
  return { kind: 'received', text }
}

/**
 * The same for text typed elsewhere, such as at the admin's prompt. ASCII only: other digits and
 * letters that look alike are not folded into codes.
 */
export function parseTypedCode(text: string): Answer {
  if (!ASCII.test(text)) return { kind: 'unusable', reason: 'not-a-code' }
  const match = CODE.exec(text)
  if (match !== null) return { kind: 'code', code: `${match[1]}${match[2] ?? ''}` }
  const parts = parseOneTimeCode(text)
  if (parts !== undefined) return { kind: 'one-time-code', parts }
  return { kind: 'unusable', reason: text.trim() === '' ? 'empty' : 'not-a-code' }
}

/** Linux-PAM up to 1.3.1 writes the terminating NUL as well. */
function withoutTerminator(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes
}

function isSshdJunk(answer: Buffer): boolean {
  return answer.every((byte, index) => byte === SSHD_JUNK[index % SSHD_JUNK.length])
}
