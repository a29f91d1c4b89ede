import { toPrintable } from '../../../base/text.ts'
import { type DiffLine, diffTexts } from '../../../setup/ssh/diff.ts'
import type { PlannedFile } from '../../../setup/ssh/plan.ts'
import type { Cli } from '../../context.ts'

const LONGEST_LINE = 500
const RESET = '\x1b[0m'
const COLOURS: Readonly<Record<DiffLine['kind'], string>> = {
  file: '\x1b[1m',
  place: '\x1b[36m',
  same: '',
  gone: '\x1b[31m',
  new: '\x1b[32m',
}

/** Shows what would change, as a unified diff, in colours only where there is a terminal. */
export function showPlan(cli: Cli, files: readonly PlannedFile[]): void {
  for (const file of files) {
    for (const line of diffOf(file)) cli.print(`${colour(cli, line)}\n`)
  }
}

/** The diff of one file, as text. */
export function renderDiff(file: PlannedFile): string {
  return diffOf(file)
    .map(({ text }) => `${text}\n`)
    .join('')
}

function diffOf({ path, before, bytes }: PlannedFile): readonly DiffLine[] {
  return diffTexts(path, before?.bytes.toString('latin1'), bytes.toString('latin1'))
}

/** A file of the host may hold anything; a tab is none that a terminal obeys. */
function colour({ terminal }: Cli, { kind, text }: DiffLine): string {
  const shown = text
    .split('\n')
    .map((line) =>
      line
        .split('\t')
        .map((part) => toPrintable(part, LONGEST_LINE))
        .join('\t'),
    )
    .join('\n')
  const start = COLOURS[kind]
  return terminal.allowsColour && start !== '' ? `${start}${shown}${RESET}` : shown
}
