import { AppError } from '../base/errors.ts'
import type { SshSetup } from '../doctor/facts.ts'
import type { ChangedFile, SetupJournal } from '../setup/ssh/journal.ts'
import { readJournal } from '../setup/ssh/journal-file.ts'
import { lookAtFile } from '../setup/ssh/original.ts'

/** What doctor looks at of the last `otpgate setup ssh`, whose record is in `stateDirectory`. */
export function readSshSetup(stateDirectory: string): SshSetup {
  try {
    const journal = readJournal({ stateDirectory })
    return journal === undefined ? { kind: 'none' } : toSshSetup(journal)
  } catch (error) {
    if (error instanceof AppError) return { kind: 'unreadable', what: error.message }
    throw error
  }
}

function toSshSetup({ phase, files }: SetupJournal): SshSetup {
  switch (phase) {
    case 'installing':
    case 'reverting':
      return { kind: 'cut-off' }
    case 'awaiting-proof':
      return { kind: phase }
    case 'confirmed':
      return { kind: phase, changed: files.filter(isChanged).map(({ path }) => path) }
    case 'reverted':
      return { kind: 'none' }
  }
}

/** What cannot be looked at is no file of ours any more. */
function isChanged(file: ChangedFile): boolean {
  try {
    return lookAtFile(file) !== 'installed'
  } catch (error) {
    if (error instanceof AppError) return true
    throw error
  }
}
