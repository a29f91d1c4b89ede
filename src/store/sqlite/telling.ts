import type Database from 'better-sqlite3'
import type { Telling, Waiting } from '../../domain/telling.ts'
import { damaged, isRow, type Row, readBytes, readInteger, readOneOf, readTime } from './row.ts'

const KEY = 'telling'

/**
 * How far the log was told, in `meta`: a backup takes it along, so that what is put back with it is told
 * from where that log was told to, and not from where another one was. `undefined`: it never was.
 * 'damaged': it cannot be read, which is no reason for the rest to stop.
 */
export function findTelling(db: Database.Database): Telling | 'damaged' | undefined {
  const found = db.prepare('SELECT value FROM meta WHERE key = ?').get(KEY)
  if (!isRow(found)) return undefined
  try {
    return parseTelling(readBytes(found, 'value'))
  } catch {
    return 'damaged'
  }
}

/** Within a transaction. */
export function saveTelling(db: Database.Database, telling: Telling): void {
  db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ).run(KEY, Buffer.from(JSON.stringify(telling)))
}

function parseTelling(bytes: Buffer): Telling {
  const found = toRow(JSON.parse(bytes.toString('utf8')))
  const place = { through: readInteger(found, 'through'), givenUp: readInteger(found, 'givenUp') }
  if (found.waiting === undefined) return place
  return { ...place, waiting: parseWaiting(found.waiting) }
}

function parseWaiting(found: unknown): readonly Waiting[] {
  if (!Array.isArray(found)) return damaged('meta telling')
  return found.map(toRow).map((row) => ({
    kind: readOneOf(row, 'kind', ['event', 'gap', 'cut'] as const),
    seq: readInteger(row, 'seq'),
    from: readInteger(row, 'from'),
    tries: readInteger(row, 'tries'),
    since: readTime(row, 'since'),
    retryAt: readTime(row, 'retryAt'),
    isPassed: row.isPassed === true,
  }))
}

function toRow(value: unknown): Row {
  return isRow(value) ? value : damaged('meta telling')
}
