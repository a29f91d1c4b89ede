import type { Journal, Now, Register } from '../../app/ports.ts'
import type { AuditRow } from '../../domain/audit-event.ts'
import { toStoredName } from '../../domain/name.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import type { ProofStart } from '../ssh/journal.ts'
import { judgeProof } from './judge-proof.ts'

const PAGE_ROWS = 200

/** What a proof is looked for in. */
export interface ProofPorts {
  readonly journal: Pick<Journal, 'read'>
  readonly register: Pick<Register, 'find'>
  readonly now: Now
  /** sshd's processes of connections that nobody has logged in on yet. */
  readonly listOpenConnections: () => readonly ProcessMark[]
}

/** Whose login is looked for, and from where on. */
export interface ProofRequest {
  readonly account: string
  /** PAM service of sshd. */
  readonly service: string
  readonly start: ProofStart
}

/** One look; `undefined`: no such login so far. */
export type ProofFinder = (ports: ProofPorts) => Promise<AuditRow | undefined>

/**
 * Looks for the login that proves a set-up, again and again. A row of the log does not say which
 * connection it is from: as long as one is left of those that were open before, when sshd may still
 * have had its old settings, no row counts, and neither do those from until the last of them was gone.
 */
export function createProofFinder({ account, service, start }: ProofRequest): ProofFinder {
  let { afterSeq } = start
  let before = start.openConnections
  return async (ports) => {
    const wasOpen = before.length > 0
    if (wasOpen) before = stillOpen(before, ports.listOpenConnections())
    // Only now: what one of them has written was there before it was gone.
    const rows = await readRows(ports, account, afterSeq)
    if (wasOpen) {
      afterSeq = rows.at(-1)?.seq ?? afterSeq
      return undefined
    }
    const { tickets } = await ports.register.find(toStoredName(account))
    return judgeProof({ rows, tickets, service, now: ports.now() })
  }
}

function stillOpen(
  before: readonly ProcessMark[],
  now: readonly ProcessMark[],
): readonly ProcessMark[] {
  return before.filter(({ pid, startTicks }) =>
    now.some((each) => each.pid === pid && each.startTicks === startTicks),
  )
}

async function readRows(
  { journal }: Pick<ProofPorts, 'journal'>,
  account: string,
  afterSeq: number,
): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = []
  for (;;) {
    const page = await journal.read({ account }, rows.at(-1)?.seq ?? afterSeq, PAGE_ROWS)
    rows.push(...page)
    if (page.length < PAGE_ROWS) return rows
  }
}
