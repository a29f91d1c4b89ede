import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { AppError, type ErrorCode } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { readBounded } from './read-bounded.ts'
import {
  findFileFlaw,
  findOpenDirectory,
  findUntrustedParent,
  type Readers,
} from './trusted-path.ts'

const ROOT_UID = 0

/** The files that decide about logins. */
export type TrustedKind = 'key' | 'credential' | 'config' | 'store'

const COMPANIONS = ['-wal', '-shm', '-journal'] as const

interface Rule {
  readonly noun: string
  /** Who else than the owner may read it. */
  readonly readers: Readers
  readonly missing: ErrorCode
  readonly refused: ErrorCode
  readonly tooLong: ErrorCode
}

const RULES: Readonly<Record<TrustedKind, Rule>> = {
  key: {
    noun: 'the key file',
    readers: 'nobody',
    missing: 'ERR_KEY_MISSING',
    refused: 'ERR_KEY_PERMISSION',
    tooLong: 'ERR_KEY_INVALID',
  },
  // The key as systemd hands it to a service (LoadCredential): root's, with an access list that shows
  // as the group's bits.
  credential: {
    noun: 'the key file',
    readers: 'group',
    missing: 'ERR_KEY_MISSING',
    refused: 'ERR_KEY_PERMISSION',
    tooLong: 'ERR_KEY_INVALID',
  },
  config: {
    noun: 'the configuration',
    readers: 'all',
    missing: 'ERR_CONFIG_UNREADABLE',
    refused: 'ERR_CONFIG_UNREADABLE',
    tooLong: 'ERR_CONFIG_UNREADABLE',
  },
  store: {
    noun: 'the database',
    readers: 'all',
    missing: 'ERR_STORE_MISSING',
    refused: 'ERR_STORE_PERMISSION',
    tooLong: 'ERR_STORE_PERMISSION',
  },
}

/**
 * Who may own a trusted file: root and whoever runs this, which is the same but in a test set-up.
 * The database may belong to the service user as well.
 */
export function trustedOwners(...others: readonly number[]): readonly number[] {
  return [ROOT_UID, process.geteuid?.() ?? ROOT_UID, ...others]
}

/**
 * Throws unless the path is a regular file that only the owners can write, in directories of which
 * the same is true, as of NAME-wal and its like beside a database: ERR_KEY_MISSING,
 * ERR_STORE_MISSING or ERR_CONFIG_UNREADABLE where there is none, ERR_KEY_PERMISSION,
 * ERR_STORE_PERMISSION or ERR_CONFIG_UNREADABLE for all else.
 */
export function assertTrustedFile(
  path: string,
  kind: TrustedKind,
  owners: readonly number[] = trustedOwners(),
): void {
  guarded(path, kind, () => {
    assertParents(path, kind, owners)
    assertStats(path, kind, lstatSync(path), owners)
    if (kind === 'store') assertCompanions(path, owners)
  })
}

/** What SQLite takes for its own by its name: whoever writes there, writes into the database. */
function assertCompanions(path: string, owners: readonly number[]): void {
  for (const companion of COMPANIONS.map((tail) => path + tail)) {
    const stats = lstatSync(companion, { throwIfNoEntry: false })
    if (stats !== undefined) assertStats(companion, 'store', stats, owners)
  }
}

/**
 * The bytes of a trusted file. The checks are those of `assertTrustedFile`, made on the descriptor
 * that is read. A configuration that is not there is `undefined`: all defaults. More than `limit`
 * bytes throw ERR_KEY_INVALID or ERR_CONFIG_UNREADABLE.
 */
export function readTrustedFile(path: string, kind: 'key' | 'credential', limit: number): Buffer
export function readTrustedFile(path: string, kind: 'config', limit: number): Buffer | undefined
export function readTrustedFile(
  path: string,
  kind: 'key' | 'credential' | 'config',
  limit: number,
): Buffer | undefined {
  try {
    return guarded(path, kind, () => {
      assertParents(path, kind, trustedOwners())
      return readChecked(path, kind, limit)
    })
  } catch (error) {
    const isMissing = error instanceof AppError && errnoOf(error.cause) === 'ENOENT'
    if (kind === 'config' && isMissing) return undefined
    throw error
  }
}

/** O_NONBLOCK: to open a FIFO would wait for somebody to write. O_NOFOLLOW: no symlink at the end. */
function readChecked(path: string, kind: TrustedKind, limit: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    assertStats(path, kind, fstatSync(fd), trustedOwners())
    const bytes = readBounded(fd, limit + 1)
    if (bytes.length <= limit) return bytes
    const { tooLong, noun } = RULES[kind]
    throw new AppError(tooLong, `${noun} ${toPrintable(path)} has more than ${limit} bytes`)
  } finally {
    closeSync(fd)
  }
}

function assertParents(path: string, kind: TrustedKind, owners: readonly number[]): void {
  const parent = findUntrustedParent(path, owners)
  const flaw = kind === 'store' ? (parent ?? findOpenDirectory(path)) : parent
  if (flaw !== undefined) throw refused(kind, flaw)
}

function assertStats(
  path: string,
  kind: TrustedKind,
  stats: Stats,
  owners: readonly number[],
): void {
  const flaw = findFileFlaw(path, stats, { owners, readers: RULES[kind].readers })
  if (flaw !== undefined) throw refused(kind, flaw)
}

function refused(kind: TrustedKind, flaw: string): AppError {
  return new AppError(RULES[kind].refused, `${RULES[kind].noun} is not trusted: ${flaw}`, {
    hint: 'check owner and mode of the file and of every directory above it',
  })
}

/** Gives system errors the code of their kind: "not there" and "cannot look" stay apart. */
function guarded<Result>(path: string, kind: TrustedKind, action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const { noun, missing, refused: unreadable } = RULES[kind]
    const errno = errnoOf(cause)
    const shown = `${noun} ${toPrintable(path)}`
    if (errno === 'ENOENT') throw new AppError(missing, `${shown} does not exist`, { cause })
    throw new AppError(unreadable, `${shown} cannot be read (${errno ?? 'unknown'})`, { cause })
  }
}
