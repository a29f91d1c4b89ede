import { readFileSync, statSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

/** Far more than an RSA certificate with many principals. */
const KEY_FILE_LIMIT_BYTES = 65_536
const PUBLIC_KEY = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: |$)/m

/** Type and base64 key of an OpenSSH public key file (sshd(8), AUTHORIZED_KEYS). Throws ERR_USAGE. */
export function readPublicKey(path: string): string {
  const match = PUBLIC_KEY.exec(readSmallFile(path))
  if (match !== null) return `${match[1]} ${match[2]}`
  throw new AppError('ERR_USAGE', `${toPrintable(path)} is not a public key`, {
    hint: 'it is the file that ends in .pub',
  })
}

function readSmallFile(path: string): string {
  try {
    const stats = statSync(path)
    if (stats.isFile() && stats.size <= KEY_FILE_LIMIT_BYTES) return readFileSync(path, 'latin1')
  } catch (cause) {
    const reason = errnoOf(cause) ?? 'unknown'
    throw new AppError('ERR_USAGE', `cannot read ${toPrintable(path)} (${reason})`, { cause })
  }
  throw new AppError('ERR_USAGE', `${toPrintable(path)} is not a public key`)
}
