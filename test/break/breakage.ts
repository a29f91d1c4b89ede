import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { requireTool } from '../support/run-tool.ts'
import { type BrokenHost, tamper } from './broken-host.ts'

const STRANGER = 4242
const STORE = 5
const KEY = 6
const CONFIG = 7

type Wreck = (broken: BrokenHost) => void

/** One way to break an otpgate. */
export interface Breakage {
  readonly what: string
  /** What the log says, and with which status the admin's command ends. */
  readonly code: string
  readonly status: number
  readonly wreck: Wreck
}

function breakages(
  status: number,
  byCode: Readonly<Record<string, Readonly<Record<string, Wreck>>>>,
): readonly Breakage[] {
  return Object.entries(byCode).flatMap(([code, wrecks]) =>
    Object.entries(wrecks).map(([what, wreck]) => ({ what, code, status, wreck })),
  )
}

export const BROKEN_DATABASES = breakages(STORE, {
  ERR_STORE_MISSING: {
    'is missing': ({ databaseFile }) => rmSync(databaseFile),
    'is missing with its directory': ({ databaseFile }) =>
      rmSync(dirname(databaseFile), { recursive: true }),
  },
  ERR_STORE_CORRUPT: {
    'is empty': ({ databaseFile }) => truncateSync(databaseFile, 0),
    'is cut in two': ({ databaseFile }) => truncateSync(databaseFile, 20_000),
    'is something else': ({ databaseFile }) =>
      writeFileSync(databaseFile, 'garbage\n'.repeat(9000)),
  },
  ERR_STORE_SCHEMA: {
    'is of a newer schema': (broken) => tamper(broken, 'PRAGMA user_version = 99'),
    'is of an older schema': (broken) => tamper(broken, 'PRAGMA user_version = 1'),
  },
  ERR_STORE_PERMISSION: {
    ...strangeFiles(({ databaseFile }) => databaseFile),
    'is in a directory of somebody else': ({ databaseFile }) => giveAway(dirname(databaseFile)),
    'is in a directory where everybody may write': ({ databaseFile }) =>
      chmodSync(dirname(databaseFile), 0o1777),
    ...strangeCompanion('wal'),
    ...strangeCompanion('shm'),
    ...strangeCompanion('journal'),
    'has a -wal that everybody may write': ({ databaseFile }) => {
      writeFileSync(`${databaseFile}-wal`, '')
      chmodSync(`${databaseFile}-wal`, 0o666)
    },
  },
})

export const BROKEN_KEYS = breakages(KEY, {
  ERR_KEY_MISSING: {
    'is missing': ({ keyFile }) => rmSync(keyFile),
    'is missing with its directory': ({ keyFile }) => rmSync(dirname(keyFile), { recursive: true }),
  },
  ERR_KEY_INVALID: {
    'is empty': ({ keyFile }) => truncateSync(keyFile, 0),
    'is short': ({ keyFile }) => truncateSync(keyFile, 31),
    'is long': ({ keyFile }) => appendFileSync(keyFile, '\n'),
  },
  ERR_KEY_WRONG: {
    'is another one': ({ keyFile }) => writeFileSync(keyFile, readFileSync(keyFile).reverse()),
  },
  ERR_KEY_PERMISSION: {
    ...strangeFiles(({ keyFile }) => keyFile),
    'may be read by all': ({ keyFile }) => chmodSync(keyFile, 0o444),
    'is in a directory of somebody else': ({ keyFile }) => giveAway(dirname(keyFile)),
    'is in a directory that its group may write': ({ keyFile }) =>
      chmodSync(dirname(keyFile), 0o770),
  },
})

export const BROKEN_CONFIGURATIONS = breakages(CONFIG, {
  ERR_CONFIG_INVALID: {
    'has a typing error': ({ otpgate }) => otpgate.configure('[totp]\nwindw = 1'),
    'ends in the middle': ({ otpgate }) => otpgate.configure('[totp]\nwindow ='),
    'holds a NUL': ({ otpgate }) => otpgate.configure('[totp]\nwindow = 1\0'),
    'holds bytes that are no UTF-8': ({ configFile }) =>
      appendFileSync(configFile, Buffer.from('# \xff\n', 'latin1')),
    'is UTF-16': ({ configFile }) => {
      const text = `\ufeff${readFileSync(configFile, 'utf8')}`
      writeFileSync(configFile, Buffer.from(text, 'utf16le'))
    },
  },
  ERR_CONFIG_UNREADABLE: {
    ...strangeFiles(({ configFile }) => configFile),
    'is missing': ({ configFile }) => rmSync(configFile),
    'is too large': ({ otpgate }) => otpgate.configure(`#${'x'.repeat(300_000)}`),
    'may be written by all': ({ configFile }) => chmodSync(configFile, 0o666),
    'is in a directory of somebody else': ({ configFile }) => giveAway(dirname(configFile)),
    'is in a directory that its group may write': ({ configFile }) =>
      chmodSync(dirname(configFile), 0o770),
  },
})

/** What no trusted file may be. */
function strangeFiles(fileOf: (broken: BrokenHost) => string): Readonly<Record<string, Wreck>> {
  return {
    'belongs to somebody else': (broken) => giveAway(fileOf(broken)),
    'is a directory': (broken) => replaceBy(fileOf(broken), (path) => mkdirSync(path)),
    'is a FIFO': (broken) =>
      replaceBy(fileOf(broken), (path) => requireTool('mkfifo', ['-m', '600', path])),
    'is a symlink': (broken) => {
      renameSync(fileOf(broken), `${fileOf(broken)}.real`)
      symlinkSync(`${fileOf(broken)}.real`, fileOf(broken))
    },
  }
}

function strangeCompanion(tail: string): Readonly<Record<string, Wreck>> {
  return {
    [`has a -${tail} of somebody else`]: ({ databaseFile }) => {
      writeFileSync(`${databaseFile}-${tail}`, '')
      giveAway(`${databaseFile}-${tail}`)
    },
  }
}

function replaceBy(path: string, make: (path: string) => void): void {
  rmSync(path)
  make(path)
}

function giveAway(path: string): void {
  chownSync(path, STRANGER, STRANGER)
}
