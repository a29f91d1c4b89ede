import { closeSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { readBounded } from './read-bounded.ts'
import { decodeUtf8 } from './utf8.ts'

/** Descriptor on which the launcher hands over the environment that pam_exec started it with. */
const ENVIRONMENT_FD = 3
/** Far more than PAM ever writes; the kernel allows some megabytes. */
const ENVIRONMENT_LIMIT_BYTES = 256 * 1024

const SSHD_KEYS: readonly string[] = ['SSH_CONNECTION', 'SSH_AUTH_INFO_0']

/** What pam_exec(8) and sshd say about a login, as it came. `undefined`: not there. */
export interface PamEnvironment {
  readonly service: string | undefined
  readonly user: string | undefined
  readonly tty: string | undefined
  readonly remoteHost: string | undefined
  /** `auth`, `account`, ... */
  readonly type: string | undefined
  /** `SSH_CONNECTION`: client address and port, server address and port. */
  readonly sshConnection: string | undefined
  /** `SSH_AUTH_INFO_0`: the methods that have passed, a line each; empty where none has. */
  readonly sshAuthInfo: string | undefined
}

/**
 * Reads the raw environment from the descriptor and closes it. Throws ERR_PAM_ENVIRONMENT where it
 * is empty, too long or unreadable, and like `readPamEnvironment`.
 */
export function openPamEnvironment(fd = ENVIRONMENT_FD): PamEnvironment {
  const bytes = readAndClose(fd)
  if (bytes.length === 0) throw refused('the environment of PAM is empty')
  if (bytes.length > ENVIRONMENT_LIMIT_BYTES) throw refused('the environment of PAM is too long')
  return readPamEnvironment(bytes)
}

/**
 * PAM's variables from KEY=VALUE entries that end with NUL each (proc(5), environ). Throws
 * ERR_PAM_ENVIRONMENT for one that occurs twice: whoever could add to PAM's list would otherwise
 * choose which of the two is believed, and programs differ in which they see. Values are UTF-8, as
 * the passwd database is read; one of ours that is not is refused rather than made similar.
 */
export function readPamEnvironment(bytes: Buffer): PamEnvironment {
  const values = collectValues(bytes)
  const text = (key: string) => decodeValue(key, values.get(key))
  return {
    service: text('PAM_SERVICE'),
    user: text('PAM_USER'),
    tty: text('PAM_TTY'),
    remoteHost: text('PAM_RHOST'),
    type: text('PAM_TYPE'),
    sshConnection: text('SSH_CONNECTION'),
    sshAuthInfo: text('SSH_AUTH_INFO_0'),
  }
}

/** Values as binary strings, so that no byte is lost before it is judged. */
function collectValues(bytes: Buffer): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const entry of bytes.toString('latin1').split('\0')) {
    const equals = entry.indexOf('=')
    const key = equals < 0 ? entry : entry.slice(0, equals)
    if (!key.startsWith('PAM_') && !SSHD_KEYS.includes(key)) continue
    if (equals < 0) throw refused(`${toPrintable(key, 40)} has no value`)
    if (values.has(key)) throw refused(`${toPrintable(key, 40)} occurs twice`)
    values.set(key, entry.slice(equals + 1))
  }
  return values
}

function decodeValue(key: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = decodeUtf8(value)
  if (text === undefined) throw refused(`${key} is not UTF-8`)
  return text
}

function readAndClose(fd: number): Buffer {
  try {
    const bytes = readBounded(fd, ENVIRONMENT_LIMIT_BYTES + 1)
    closeSync(fd)
    return bytes
  } catch (cause) {
    throw refused('the environment of PAM cannot be read', cause)
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('ERR_PAM_ENVIRONMENT', message, { cause })
}
