import { renderTable } from '../render/table.ts'
import type { Cli } from './context.ts'

/** A table on stdout. Only a window is a reason to cut it; a file or a pipe gets everything. */
export function printTable(
  { print, terminal }: Pick<Cli, 'print' | 'terminal'>,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const width = terminal.isTerminal ? terminal.columns : 0
  print(`${renderTable(headers, rows, { width })}\n`)
}
