import { CROCKFORD_ALPHABET, encodeBase32 } from '../base/base32.ts'
import type { UnixSeconds } from '../base/time.ts'
import { isWithinTerm } from './term.ts'

/**
 * `recovery`: the person's own, for a lost phone. `bypass`: read out by the help desk, for a while.
 * `invitation`: to enroll oneself with; it lets nobody in.
 */
export const ONE_TIME_CODE_KINDS = ['recovery', 'bypass', 'invitation'] as const
export type OneTimeCodeKind = (typeof ONE_TIME_CODE_KINDS)[number]
/** Those that are a second factor. */
export type LoginCodeKind = Exclude<OneTimeCodeKind, 'invitation'>
export const LOGIN_CODE_KINDS: readonly LoginCodeKind[] = ['recovery', 'bypass']

/** A code that works once (or `usesLeft` times), as the store keeps it: the secret part only hashed. */
export interface OneTimeCode {
  /** 32 lower-case hex digits. */
  readonly id: string
  readonly kind: OneTimeCodeKind
  /** The first four characters, in the clear: they choose the row, so that one attempt costs one hash. */
  readonly selector: string
  /** PHC string of argon2id over the other twelve. */
  readonly hash: string
  readonly createdAt: UnixSeconds
  readonly expiresAt: UnixSeconds | undefined
  readonly usesLeft: number
  readonly lastUsedAt: UnixSeconds | undefined
  /** Why an admin issued it. */
  readonly reason: string | undefined
}

/** The two parts of a code as typed, folded. */
export interface OneTimeCodeParts {
  readonly selector: string
  readonly secret: string
}

/** Random bytes in one code: 80 bits, of which 20 select and 60 are secret. */
export const ONE_TIME_CODE_BYTES = 10
export const RECOVERY_CODES = 10

const CODE_LENGTH = 16
const SELECTOR_LENGTH = 4
const SHAPE = new RegExp(`^[${CROCKFORD_ALPHABET}]{${CODE_LENGTH}}$`)

/** Ten random bytes as `selector` and `secret`. */
export function toOneTimeCodeParts(random: Buffer): OneTimeCodeParts {
  return split(encodeBase32(random, CROCKFORD_ALPHABET))
}

/** As it is shown: `XXXX-XXXX-XXXX-XXXX`. */
export function formatOneTimeCode(parts: OneTimeCodeParts): string {
  return (parts.selector + parts.secret).replace(/(.{4})(?=.)/g, '$1-')
}

/**
 * Reads a code as people type it: any case, spaces and hyphens anywhere, O for 0, I and L for 1.
 * `undefined`: it is not of that form, and may well be somebody's password.
 */
export function parseOneTimeCode(text: string): OneTimeCodeParts | undefined {
  const folded = text.replace(/[\s-]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1')
  return SHAPE.test(folded) ? split(folded) : undefined
}

/**
 * Whether the code can be used at `now`. One without a date outlasts every clock: it is the way back
 * in for whoever enrolled while the clock was ahead.
 */
export function isSpendable(code: OneTimeCode, now: UnixSeconds): boolean {
  const { usesLeft, createdAt: since, expiresAt: until } = code
  return usesLeft > 0 && (until === undefined || isWithinTerm({ since, until }, now))
}

/** Whether the code is a second factor, of these kinds: an invitation lets nobody in. */
export function isLoginCode(
  code: OneTimeCode,
  kinds: readonly LoginCodeKind[] = LOGIN_CODE_KINDS,
): code is OneTimeCode & { readonly kind: LoginCodeKind } {
  return kinds.some((kind) => kind === code.kind)
}

function split(text: string): OneTimeCodeParts {
  return { selector: text.slice(0, SELECTOR_LENGTH), secret: text.slice(SELECTOR_LENGTH) }
}
