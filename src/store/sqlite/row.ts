import { AppError } from '../../base/errors.ts'
import { toUnixSeconds, type UnixSeconds } from '../../base/time.ts'

/** One row as better-sqlite3 gives it; what is in it is not trusted before it is parsed. */
export type Row = Readonly<Record<string, unknown>>

/** 9999-12-31T23:59:59Z. */
const LATEST_SECONDS = 253_402_300_799

export function readText(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : damaged(column)
}

export function readOptionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : readText(row, column)
}

export function readInteger(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : damaged(column)
}

export function readOptionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : readInteger(row, column)
}

/** 0 or 1, as SQLite keeps a boolean. */
export function readFlag(row: Row, column: string): boolean {
  return readOneOf(row, column, [0, 1]) === 1
}

/** A whole number from `least` to `most`: beyond them, whoever counts with it might never end. */
export function readIntegerWithin(row: Row, column: string, least: number, most: number): number {
  const value = readInteger(row, column)
  return value >= least && value <= most ? value : damaged(column)
}

export function readTime(row: Row, column: string): UnixSeconds {
  return toStoredTime(row[column], column)
}

export function readOptionalTime(row: Row, column: string): UnixSeconds | undefined {
  return row[column] === null ? undefined : readTime(row, column)
}

/** From 1970 to the year 9999: what RFC 3339 can write, and more than any clock was ever set to. */
export function toStoredTime(value: unknown, what: string): UnixSeconds {
  const isTime =
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= LATEST_SECONDS
  return isTime ? toUnixSeconds(value) : damaged(what)
}

export function readBytes(row: Row, column: string): Buffer {
  const value = row[column]
  return Buffer.isBuffer(value) ? value : damaged(column)
}

/** The member of `allowed` that the column holds: a value from a newer program is an error. */
export function readOneOf<T extends string | number>(
  row: Row,
  column: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((each) => each === row[column])
  return found === undefined ? damaged(column) : found
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null
}

/**
 * The rows, which must be as many as the index alone counts (`count`): where table and index no
 * longer agree, SQLite leaves the row out without a word, and a device would be gone.
 */
export function expectCount(rows: readonly unknown[], counted: unknown, what: string): Row[] {
  const found = rows.filter(isRow)
  const isWhole = isRow(counted) && readInteger(counted, 'count') === found.length
  return isWhole ? found : damaged(`${what} index`)
}

/** Never taken for "no such row": what cannot be read is an error. */
export function damaged(what: string): never {
  throw new AppError('ERR_STORE_CORRUPT', `the database holds an unexpected value (${what})`, {
    hint: 'restore it from a backup',
  })
}
