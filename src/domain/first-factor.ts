import { createHash } from 'node:crypto'

/** The first factor of an SSH login, as sshd proved it: what a record and a rule need of it. */
export interface FirstFactor {
  /** Such as `publickey` or `password`. */
  readonly method: string
  /** `SHA256:...` as `ssh-keygen -l` prints it, where the method shows a key. */
  readonly fingerprint: string | undefined
  /** Such as `sk-ssh-ed25519@openssh.com`, where the method shows a key. */
  readonly keyType: string | undefined
}

/** Methods that prove a factor of their own; a keyboard-interactive pass is none, it may be ours. */
const PROVING_METHOD = /^(?:publickey|password|hostbased|gssapi-[a-z-]+)$/

/**
 * Reads SSH_AUTH_INFO_0: the methods that have passed, one a line, with the key where there was one
 * (sshd_config(5), ExposeAuthInfo). `undefined`: nothing there proves a factor.
 */
export function parseFirstFactor(authInfo: string | undefined): FirstFactor | undefined {
  for (const line of (authInfo ?? '').split('\n')) {
    const [method = '', keyType, key] = line.split(' ')
    if (!PROVING_METHOD.test(method)) continue
    return { method, fingerprint: fingerprintOf(key), keyType }
  }
  return undefined
}

/** `publickey SHA256:...`, for records. */
export function formatFirstFactor(factor: FirstFactor): string {
  return factor.fingerprint === undefined ? factor.method : `${factor.method} ${factor.fingerprint}`
}

function fingerprintOf(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}
