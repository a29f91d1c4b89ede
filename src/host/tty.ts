import type { WriteStream } from 'node:tty'
import { type Environment, readEnvironment } from './environment.ts'

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24

/** What may be written to a stream. */
export interface Terminal {
  readonly isTerminal: boolean
  readonly columns: number
  readonly rows: number
  /** Whether colours and other escape sequences may be used. */
  readonly allowsColour: boolean
}

/** A stream that may be a terminal: `process.stdout`, `process.stderr`. */
export type OutputStream = Pick<Partial<WriteStream>, 'isTTY' | 'columns' | 'rows'>

/**
 * Size and abilities of what stands behind a stream; 80 x 24 where it does not say, or COLUMNS.
 * No colour without a terminal, with TERM=dumb or without TERM, or with a NO_COLOR that is not
 * empty (no-color.org).
 */
export function describeTerminal(
  stream: OutputStream,
  environment: Environment = readEnvironment(),
): Terminal {
  const isTerminal = stream.isTTY === true
  const { TERM = 'dumb', NO_COLOR = '', COLUMNS } = environment
  return {
    isTerminal,
    columns: positive(stream.columns) ?? positive(COLUMNS) ?? DEFAULT_COLUMNS,
    rows: positive(stream.rows) ?? DEFAULT_ROWS,
    allowsColour: isTerminal && TERM !== '' && TERM !== 'dumb' && NO_COLOR === '',
  }
}

/** A serial line reports 0 columns: that means "unknown". */
function positive(size: number | string | undefined): number | undefined {
  return /^[1-9]\d{0,4}$/.test(String(size)) ? Number(size) : undefined
}
