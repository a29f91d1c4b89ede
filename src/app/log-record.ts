import { toPrintable } from '../base/text.ts'
import type { LogRecord } from './ports.ts'

/** Fields for a record, each value escaped; those without a value are left out. */
export function toLogFields(
  values: Readonly<Record<string, string | undefined>>,
): LogRecord['fields'] {
  const entries = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, escaped(value)] as const],
  )
  return Object.fromEntries(entries)
}

/** The record as the authpriv log has it: the outcome, then `key=value` for each field. */
export function formatLogRecord({ outcome, fields }: LogRecord): string {
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`)
  return [outcome, ...shown].join(' ')
}

/** No value can be taken for two fields, not even by a filter that looks for `from=` anywhere. */
function escaped(value: string): string {
  return toPrintable(value).replaceAll('"', '\\x22').replaceAll('=', '\\x3d')
}

/** In quotation marks where a blank, a quotation mark or an equals sign was in it, or nothing. */
function quoted(value: string): string {
  return /^$| |\\x(?:22|3d)/.test(value) ? `"${value}"` : value
}
