import type { AuditRow } from '../../domain/audit-event.ts'
import type { SetupJournal } from '../ssh/journal.ts'
import { createProofFinder, type ProofFinder, type ProofLook } from './find-proof.ts'
import type { WatchPorts } from './watch-ports.ts'

type LookPorts = Pick<WatchPorts, 'withProofPorts' | 'service' | 'complain' | 'tellLook'>

/**
 * Looks for the proof of one set-up, again and again, and tells what is new about it. A database that
 * cannot be read must not hold up the way back: that is complained of once, and proves nothing.
 */
export function createProofLook(
  ports: LookPorts,
): (journal: SetupJournal) => Promise<AuditRow | undefined> {
  const tell = createTeller(ports)
  let find: ProofFinder | undefined
  let hasComplained = false
  return async ({ proof: start, account, configPath }) => {
    if (start === undefined) return undefined
    find ??= createProofFinder({ account, service: ports.service, start })
    try {
      const look = await ports.withProofPorts(configPath, find)
      tell(look)
      return look.kind === 'proof' ? look.row : undefined
    } catch (error) {
      if (!hasComplained) ports.complain(error, 'look')
      hasComplained = true
      return undefined
    }
  }
}

function createTeller({ tellLook }: LookPorts): (look: ProofLook) => void {
  let told = JSON.stringify({ kind: 'none' })
  return (look) => {
    const text = JSON.stringify(look)
    if (text !== told) tellLook(look)
    told = text
  }
}
