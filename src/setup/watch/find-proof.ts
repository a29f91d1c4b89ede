import type { Journal, Now, Passwd, Register } from '../../app/ports.ts'
import type { AuditRow } from '../../domain/audit-event.ts'
import { toStoredName } from '../../domain/name.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import type { OpenConnection } from '../../host/sshd-connection.ts'
import type { ProofStart } from '../ssh/journal.ts'
import { judgeProof } from './judge-proof.ts'
import { isOfAnother } from './other-login.ts'
import { clearSuspects, findConnection, type SuspectRow } from './suspect-row.ts'

const PAGE_ROWS = 200

/** What a proof is looked for in. */
export interface ProofPorts {
  readonly journal: Pick<Journal, 'read'>
  readonly register: Pick<Register, 'find'>
  readonly passwd: Pick<Passwd, 'findByName'>
  readonly now: Now
  /** sshd's processes of connections that nobody has logged in on yet. */
  readonly listOpenConnections: () => readonly OpenConnection[]
  /** By the clock that nobody can set. */
  readonly bootSeconds: () => number
}

/** Whose login is looked for, and from where on. */
export interface ProofRequest {
  readonly account: string
  /** PAM service of sshd. */
  readonly service: string
  readonly start: ProofStart
}

/** What one look came to. `unclear`: such a login came, by a connection that may be an older one. */
export type ProofLook =
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear'; readonly mayClear: boolean }
  | { readonly kind: 'proof'; readonly row: AuditRow }

/** One look. */
export type ProofFinder = (ports: ProofPorts) => Promise<ProofLook>

/**
 * Looks for the login that proves a set-up, again and again. A row of the log does not say which
 * connection it is from, and those that were open before go by the old settings of sshd: a row counts
 * once none of them can have written it. One that was gone at the look before the row came has not.
 */
export function createProofFinder({ account, service, start }: ProofRequest): ProofFinder {
  let before = start.openConnections
  let known: readonly SuspectRow[] = []
  return async (ports) => {
    const suspects = before
    const { afterSeq } = start
    const isOther = (each: OpenConnection) => isOfAnother(each, account, ports.passwd)
    // In this order: what a connection has written that is gone by now, is read below.
    before = stillOpen(
      before,
      ports.listOpenConnections().filter((each) => !isOther(each)),
    )
    const rows = await readRows(ports, account, afterSeq)
    const open = ports.listOpenConnections()
    const seenAt = ports.bootSeconds()
    known = rows
      .map(({ seq }) => known.find((each) => each.seq === seq) ?? newRow(seq, seenAt, suspects))
      .map((row) => clearSuspects(row, open, seenAt, isOther))
    const { tickets } = await ports.register.find(toStoredName(account))
    const judge = (which: (row: SuspectRow) => boolean) =>
      judgeProof({ rows: pick(rows, known.filter(which)), tickets, service, now: ports.now() })
    const proof = judge(({ isSpoiled, suspects: left }) => !isSpoiled && left.length === 0)
    if (proof !== undefined) return { kind: 'proof', row: proof }
    if (judge(({ isSpoiled }) => !isSpoiled) !== undefined)
      return { kind: 'unclear', mayClear: true }
    return judge(() => true) === undefined ? { kind: 'none' } : { kind: 'unclear', mayClear: false }
  }
}

function newRow(seq: number, seenAt: number, suspects: readonly ProcessMark[]): SuspectRow {
  return { seq, seenAt, suspects, isSpoiled: false }
}

function pick(rows: readonly AuditRow[], known: readonly SuspectRow[]): readonly AuditRow[] {
  const seqs = new Set(known.map(({ seq }) => seq))
  return rows.filter(({ seq }) => seqs.has(seq))
}

function stillOpen(
  before: readonly ProcessMark[],
  open: readonly OpenConnection[],
): readonly ProcessMark[] {
  return before.filter((mark) => findConnection(open, mark) !== undefined)
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
