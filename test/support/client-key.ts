import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireTool } from './run-tool.ts'
import type { TempUser } from './temp-user.ts'

export interface KeyPair {
  /** Path of the private key, 0600, OpenSSH's format, no passphrase. */
  readonly file: string
  /** The public half as one line of authorized_keys. */
  readonly publicLine: string
}

/** A new ed25519 key in `file` and `file.pub`. */
export function createKeyPair(file: string): KeyPair {
  requireTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'otpgate test', '-f', file])
  return { file, publicLine: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** Debian's openssh-tests: a "security key" that is nothing but software. */
export const SOFTWARE_SECURITY_KEY = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so'

/** A new ed25519-sk key; ssh needs `SecurityKeyProvider` to use it. */
export function createSecurityKey(file: string): KeyPair {
  const type = ['-t', 'ed25519-sk', '-w', SOFTWARE_SECURITY_KEY]
  requireTool('ssh-keygen', ['-q', ...type, '-N', '', '-C', 'otpgate test', '-f', file])
  return { file, publicLine: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** Lets these keys, and no others, log in as the user; owners and modes please StrictModes. */
export function authorizeKeys(user: TempUser, keys: readonly KeyPair[]): void {
  const directory = join(user.home, '.ssh')
  const file = join(directory, 'authorized_keys')
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, keys.map((key) => `${key.publicLine}\n`).join(''))
  chmodSync(directory, 0o700)
  chmodSync(file, 0o600)
  for (const path of [directory, file]) chownSync(path, user.uid, user.gid)
}

/** `SHA256:...`, as logs and clients name a key. */
export function fingerprintOf(key: KeyPair): string {
  const { stdout } = requireTool('ssh-keygen', ['-l', '-E', 'sha256', '-f', key.file])
  const [, fingerprint = ''] = stdout.split(' ')
  return fingerprint
}
