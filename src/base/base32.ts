/** RFC 4648 section 6. */
export const RFC4648_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Crockford's: no I, L, O or U, so that nothing is misread on paper or over the phone. */
export const CROCKFORD_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Bytes to base32 characters, five bits each, without padding; spare bits at the end are zero. */
export function encodeBase32(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  let pending = 0
  let bits = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((pending >>> bits) & 31)
    }
    pending &= (1 << bits) - 1
  }
  return bits > 0 ? text + alphabet.charAt((pending << (5 - bits)) & 31) : text
}

/**
 * Base32 text without padding to bytes. `undefined` for a character outside the alphabet, a length
 * no byte string encodes to, or spare bits that are not zero: two texts never mean the same bytes.
 */
export function decodeBase32(text: string, alphabet: string): Buffer | undefined {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8))
  let pending = 0
  let bits = 0
  let used = 0
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) return undefined
    pending = (pending << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[used++] = pending >>> bits
      pending &= (1 << bits) - 1
    }
  }
  return bits < 5 && pending === 0 ? bytes : undefined
}
