import { createHash } from 'node:crypto'
import { CROCKFORD_ALPHABET, decodeBase32, encodeBase32 } from '../base/base32.ts'
import { AppError } from '../base/errors.ts'
import { MASTER_KEY_BYTES } from './keyring.ts'

/** Eight bytes and a checksum of two make sixteen characters, in groups of four. */
const BYTES_A_LINE = 8
const CHECKSUM_BYTES = 2
const CHARACTERS = 16
const GROUP = /.{4}(?!$)/g
/** A line is typed anew when it is wrong: of 65,536 wrong ones, one passes. Never change the label. */
const CHECKSUM_LABEL = 'otpgate 1 paper key'

/** How many lines a master key takes on paper. */
export const PAPER_LINES = MASTER_KEY_BYTES / BYTES_A_LINE

/** A master key as lines to be typed, `7K2M 0QXZ 4HNB V8CD`; each has a checksum, and knows its number. */
export function toPaperLines(masterKey: Buffer): readonly string[] {
  return Array.from({ length: PAPER_LINES }, (_, index) => {
    const bytes = masterKey.subarray(index * BYTES_A_LINE, (index + 1) * BYTES_A_LINE)
    const line = Buffer.concat([bytes, checksum(bytes, index + 1)])
    return encodeBase32(line, CROCKFORD_ALPHABET).replace(GROUP, '$& ')
  })
}

/**
 * The bytes of line `number`, counted from 1, however it was grouped; O, I and L are what they look like.
 * Throws ERR_SECRET_INVALID, which names the line.
 */
export function parsePaperLine(text: string, number: number): Buffer {
  const typed = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0')
  const line = decodeBase32(typed.replace(/[IL]/g, '1'), CROCKFORD_ALPHABET)
  if (typed.length !== CHARACTERS || line === undefined) {
    throw wrongLine(`line ${number} has not ${CHARACTERS} characters of this alphabet`)
  }
  const bytes = line.subarray(0, BYTES_A_LINE)
  const isLine = (each: number) => line.subarray(BYTES_A_LINE).equals(checksum(bytes, each))
  if (isLine(number)) return bytes
  const all = Array.from({ length: PAPER_LINES }, (_, index) => index + 1)
  const other = all.find(isLine)
  if (other !== undefined) throw wrongLine(`line ${number} is the line ${other} of the paper`)
  throw wrongLine(`line ${number} is not as it was printed`)
}

function wrongLine(what: string): AppError {
  return new AppError('ERR_SECRET_INVALID', what, {
    hint: 'compare it with the paper, character by character; there is no U in it',
  })
}

function checksum(bytes: Buffer, number: number): Buffer {
  const hash = createHash('sha256').update(CHECKSUM_LABEL).update(Buffer.of(number)).update(bytes)
  return hash.digest().subarray(0, CHECKSUM_BYTES)
}
