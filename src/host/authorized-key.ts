import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

const LIMIT_BYTES = 1_048_576
/** A line that is neither empty nor a comment (sshd(8), AUTHORIZED_KEYS). */
const KEY_LINE = /^[ \t]*[^#\s]/m
const NONE = 'none'

/** Whose keys are looked for. */
export interface KeyOwner {
  readonly name: string
  readonly uid: number
  readonly home: string
}

/**
 * Whether there is a key in one of the files of `AuthorizedKeysFile` (sshd_config(5)), as `sshd -T`
 * gives it. Whether sshd takes the key is sshd's to say.
 */
export function hasAuthorizedKey(authorizedKeysFile: string, owner: KeyOwner): boolean {
  return authorizedKeysFile
    .split(/\s+/)
    .filter((pattern) => pattern !== '' && pattern !== NONE)
    .some((pattern) => hasKeyLine(resolve(owner.home, expand(pattern, owner))))
}

function expand(pattern: string, { name, uid, home }: KeyOwner): string {
  const tokens: Readonly<Record<string, string>> = { h: home, u: name, U: String(uid), '%': '%' }
  return pattern.replace(/%([huU%])/g, (token, letter: string) => tokens[letter] ?? token)
}

function hasKeyLine(path: string): boolean {
  try {
    const stats = statSync(path)
    return (
      stats.isFile() && stats.size <= LIMIT_BYTES && KEY_LINE.test(readFileSync(path, 'latin1'))
    )
  } catch {
    return false
  }
}
