import { decodeBase32, RFC4648_ALPHABET } from '../base/base32.ts'
import { AppError } from '../base/errors.ts'
import { LONGEST_SECRET_BYTES, SHORTEST_SECRET_BYTES } from './device.ts'

/**
 * Reads a shared secret in base32 as apps and other servers show it: any case, blanks, hyphens and
 * padding ignored. Throws ERR_SECRET_INVALID, never naming what was given.
 */
export function parseSecret(text: string): Buffer {
  const folded = text.replace(/[\s=-]/g, '').toUpperCase()
  const secret = decodeBase32(folded, RFC4648_ALPHABET)
  if (secret === undefined) {
    throw new AppError('ERR_SECRET_INVALID', 'the secret is not base32', {
      hint: 'base32 has the letters A to Z and the digits 2 to 7 only (RFC 4648 section 6)',
    })
  }
  if (secret.length < SHORTEST_SECRET_BYTES || secret.length > LONGEST_SECRET_BYTES) {
    throw new AppError('ERR_SECRET_INVALID', `the secret has ${secret.length * 8} bits`, {
      hint: `it must have ${SHORTEST_SECRET_BYTES * 8} to ${LONGEST_SECRET_BYTES * 8} (RFC 4226 section 4)`,
    })
  }
  return secret
}
