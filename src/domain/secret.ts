import { timingSafeEqual } from 'node:crypto'
import { decodeBase32, RFC4648_ALPHABET } from '../base/base32.ts'
import { AppError } from '../base/errors.ts'
import { LONGEST_SECRET_BYTES, SHORTEST_SECRET_BYTES } from './device.ts'

const HEX_PREFIX = 'HEX:'
/** 160 bits in hex, as YubiKeys are programmed. Base32 in this length would be an odd 200 bits. */
const HEX_OF_160_BITS = /^[0-9A-F]{40}$/

/**
 * Reads a shared secret as apps, other servers and tools for tokens show it: any case, blanks and
 * hyphens ignored. 40 hex digits, or any number behind `hex:`, are hex; everything else is base32,
 * padding ignored. So 40 characters that could be either are hex: of base32 secrets in that length
 * one in 10^17 has none but A to F and 2 to 7. Throws ERR_SECRET_INVALID, never naming what was given.
 */
export function parseSecret(text: string): Buffer {
  const folded = text.replace(/[\s-]/g, '').toUpperCase()
  const secret = decodeSecret(folded)
  if (secret.length < SHORTEST_SECRET_BYTES || secret.length > LONGEST_SECRET_BYTES) {
    throw new AppError('ERR_SECRET_INVALID', `the secret has ${secret.length * 8} bits`, {
      hint: `it must have ${SHORTEST_SECRET_BYTES * 8} to ${LONGEST_SECRET_BYTES * 8} (RFC 4226 section 4)`,
    })
  }
  return secret
}

/** Whether two secrets are the same; the time does not tell how far they agree. */
export function isSameSecret(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function decodeSecret(folded: string): Buffer {
  if (folded.startsWith(HEX_PREFIX)) return decodeHex(folded.slice(HEX_PREFIX.length))
  if (HEX_OF_160_BITS.test(folded)) return decodeHex(folded)
  const secret = decodeBase32(folded.replaceAll('=', ''), RFC4648_ALPHABET)
  if (secret !== undefined) return secret
  throw new AppError('ERR_SECRET_INVALID', 'the secret is not base32', {
    hint: 'base32 has the letters A to Z and the digits 2 to 7 only; for hex put hex: in front',
  })
}

/** Buffer.from alone would stop at the first wrong digit, without a word. */
function decodeHex(digits: string): Buffer {
  if (/^(?:[0-9A-F]{2})*$/.test(digits)) return Buffer.from(digits, 'hex')
  throw new AppError('ERR_SECRET_INVALID', 'the secret is not hex', {
    hint: 'two of the digits 0 to 9 and A to F for each byte',
  })
}
