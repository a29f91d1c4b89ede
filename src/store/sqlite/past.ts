import type Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { BUDGETS } from '../../domain/account.ts'
import type { SourceKey } from '../../domain/known-source.ts'
import type { Past, PastAccount, PastDevice } from '../../domain/past.ts'
import { readThrottleOf, toAccount, toOverride } from './account-table.ts'
import { readMark, toDevice } from './device-table.ts'
import { toKnownSource } from './known-source-table.ts'
import { toOneTimeCode } from './one-time-code-table.ts'
import { isRow, type Row, readInteger, readText } from './row.ts'
import { toStoreError } from './sqlite-error.ts'

/**
 * What can be read of a database that may be damaged, of another key or of another schema: each value
 * counts by itself, and what cannot be read is named. Within a transaction. Throws ERR_STORE_* for what is
 * no damage.
 */
export function readPast(db: Database.Database): Past {
  const reader = openReader(db)
  const { marks, devices } = readDevices(reader)
  const usesLeft = readCodes(reader)
  const sources = readSources(reader)
  const accounts = readAccounts(reader, (name) => ({
    devices: devices.get(name) ?? [],
    sources: sources && (sources.get(name) ?? []),
  }))
  return { accounts, marks, usesLeft, unread: reader.unread }
}

/** Whether an error says that what was to be read is damaged, and not that it was to no avail just now. */
export function isDamage(error: unknown): boolean {
  const meant = toStoreError(error)
  return meant instanceof AppError && DAMAGE.has(meant.code)
}

const DAMAGE: ReadonlySet<string> = new Set([
  'ERR_STORE_CORRUPT',
  'ERR_STORE_SCHEMA',
  'ERR_STORE_FAILED',
])

interface Reader {
  /** All rows that can be reached; whether these are all of the table is told at the end. */
  readonly eachRow: (table: string, take: (row: Row) => void) => boolean
  /** Whether `parse` takes the row; else it is named. */
  readonly check: (noun: string, row: Row, parse: (row: Row) => unknown) => void
  readonly unread: string[]
}

function openReader(db: Database.Database): Reader {
  const unread: string[] = []
  return {
    unread,
    eachRow(table, take) {
      try {
        for (const row of db.prepare(`SELECT * FROM main."${table}"`).iterate()) {
          if (isRow(row)) take(row)
        }
        return true
      } catch (error) {
        if (!isDamage(error)) throw error
        unread.push(`the table ${table}, or a part of it`)
        return false
      }
    },
    check(noun, row, parse) {
      if (attempt(() => parse(row) !== undefined)) return
      const owner = attempt(() => readText(row, row.account === undefined ? 'name' : 'account'))
      unread.push(`${noun} of ${owner === undefined ? 'nobody knows whom' : toPrintable(owner)}`)
    },
  }
}

/** `undefined`: it cannot be read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

function readDevices({ eachRow, check }: Reader) {
  const marks = new Map<string, number>()
  const devices = new Map<string, PastDevice[]>()
  eachRow('device', (row) => {
    check('a device', row, toDevice)
    const id = attempt(() => readText(row, 'id'))
    const mark = attempt(() => readMark(row) ?? -1)
    const owner = attempt(() => readText(row, 'account'))
    if (id === undefined) return
    if (mark !== undefined) marks.set(id, mark)
    if (owner === undefined) return
    const label = attempt(() => readText(row, 'label')) ?? id
    addTo(devices, owner, { id, label })
  })
  return { marks, devices }
}

function readCodes({ eachRow, check }: Reader): ReadonlyMap<string, number> {
  const usesLeft = new Map<string, number>()
  eachRow('one_time_code', (row) => {
    check('a one-time code', row, toOneTimeCode)
    const id = attempt(() => readText(row, 'id'))
    const left = attempt(() => readInteger(row, 'uses_left'))
    if (id !== undefined && left !== undefined) usesLeft.set(id, Math.max(left, 0))
  })
  return usesLeft
}

/** `undefined`: not all of them can be read, so none can be said to have been revoked. */
function readSources({ eachRow, check }: Reader): ReadonlyMap<string, SourceKey[]> | undefined {
  const sources = new Map<string, SourceKey[]>()
  const isWhole = eachRow('known_source', (row) => {
    check('a known address', row, toKnownSource)
    const owner = attempt(() => readText(row, 'account'))
    const source = attempt(() => toKnownSource(row))
    if (owner !== undefined && source !== undefined) addTo(sources, owner, source)
  })
  return isWhole ? sources : undefined
}

function readAccounts(
  { eachRow, check }: Reader,
  belongings: (name: string) => Pick<PastAccount, 'devices' | 'sources'>,
): ReadonlyMap<string, PastAccount> {
  const accounts = new Map<string, PastAccount>()
  eachRow('account', (row) => {
    check('the account', row, toAccount)
    const name = attempt(() => readText(row, 'name'))
    if (name === undefined) return
    const budgets = BUDGETS.flatMap((budget) => {
      const state = attempt(() => readThrottleOf(row, budget))
      return state === undefined ? [] : [{ [budget]: state }]
    })
    accounts.set(name, {
      override: attempt(() => ({ is: toOverride(row) })),
      throttle: Object.assign({}, ...budgets),
      ...belongings(name),
    })
  })
  return accounts
}

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
