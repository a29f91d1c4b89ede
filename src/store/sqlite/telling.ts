import type Database from 'better-sqlite3'
import type { Failing, Telling } from '../../domain/telling.ts'
import { damaged, isRow, type Row, readBytes, readInteger, readTime } from './row.ts'

const KEY = 'telling'

/**
 * How far the log was told, in `meta`: a backup takes it along, so that what is put back with it is told
 * from where that log was told to, and not from where another one was. `undefined`: it never was. Throws
 * ERR_STORE_CORRUPT.
 */
export function findTelling(db: Database.Database): Telling | undefined {
  const found = db.prepare('SELECT value FROM meta WHERE key = ?').get(KEY)
  return isRow(found) ? parseTelling(readBytes(found, 'value')) : undefined
}

/** Within a transaction. */
export function saveTelling(db: Database.Database, telling: Telling): void {
  db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ).run(KEY, Buffer.from(JSON.stringify(telling)))
}

function parseTelling(bytes: Buffer): Telling {
  const found = parseRow(bytes)
  const place = { through: readInteger(found, 'through'), givenUp: readInteger(found, 'givenUp') }
  if (found.failing === undefined) return place
  return { ...place, failing: parseFailing(found.failing) }
}

function parseFailing(found: unknown): Failing {
  if (!isRow(found)) return damaged('meta telling')
  return {
    seq: readInteger(found, 'seq'),
    tries: readInteger(found, 'tries'),
    since: readTime(found, 'since'),
    retryAt: readTime(found, 'retryAt'),
  }
}

function parseRow(bytes: Buffer): Row {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isRow(value) ? value : damaged('meta telling')
  } catch {
    return damaged('meta telling')
  }
}
