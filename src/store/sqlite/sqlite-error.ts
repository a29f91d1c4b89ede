import { AppError, type ErrorCode } from '../../base/errors.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

const FULL: Meaning = {
  code: 'ERR_STORE_FULL',
  message: 'no space left for the database',
  hint: 'free some space on its file system',
}

/** What the primary and extended result codes mean to an admin (sqlite.org/rescode.html). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_BUSY: {
    code: 'ERR_STORE_LOCKED',
    message: 'the database is locked by another process',
    hint: 'try again; if it lasts, find who holds it with: fuser -v FILE',
  },
  SQLITE_FULL: FULL,
  // On a full disk the index of the log, NAME-shm, is the first thing that finds no room.
  SQLITE_IOERR_SHMSIZE: FULL,
  SQLITE_CORRUPT: {
    code: 'ERR_STORE_CORRUPT',
    message: 'the database is damaged',
    hint: 'restore it from a backup',
  },
  SQLITE_NOTADB: {
    code: 'ERR_STORE_CORRUPT',
    message: 'the file is not an otpgate database',
    hint: 'restore it from a backup',
  },
  SQLITE_READONLY: {
    code: 'ERR_STORE_PERMISSION',
    message: 'the database cannot be written',
    hint: 'check its owner and mode, and that its file system is writable',
  },
  SQLITE_CONSTRAINT: {
    code: 'ERR_STORE_FAILED',
    message: 'the database refused a change that breaks its rules',
    hint: 'nothing was changed; please report this with the command you ran',
  },
  SQLITE_CANTOPEN: {
    code: 'ERR_STORE_PERMISSION',
    message: 'the database cannot be opened',
    hint: 'check the owner and mode of the file and its directory',
  },
}

/** An error of SQLite as ours; anything else, our own errors included, as it came. */
export function toStoreError(error: unknown): unknown {
  const code = sqliteCode(error)
  if (code === undefined) return error
  const primary = code.split('_').slice(0, 2).join('_')
  const meaning = MEANINGS[code] ??
    MEANINGS[primary] ?? {
      code: 'ERR_STORE_FAILED',
      message: `the database failed with ${code}`,
      hint: 'look for disk errors in the kernel log',
    }
  return new AppError(meaning.code, meaning.message, { hint: meaning.hint, cause: error })
}

function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined
}
