import { addSeconds, type UnixSeconds } from '../base/time.ts'
import type { Journal, Now, Pause, Removal, Upkeep } from './ports.ts'
import { pruneAudit } from './prune-audit.ts'

export interface MaintainPorts {
  readonly journal: Pick<Journal, 'findNewestAt' | 'findPrunable' | 'prune'>
  readonly upkeep: Upkeep
  readonly now: Now
  /** Between two pieces of the work. */
  readonly pause: Pause
}

/** What was done. */
export interface Maintenance {
  /** Of each kind, also where there were none. */
  readonly removed: readonly Removal[]
  /** Counts of denials that got a row in the audit log. */
  readonly denialsRecorded: number
  readonly pruned: AuditPruning
  /** All that was written is in the main file. */
  readonly isCheckpointed: boolean
}

interface AuditPruning {
  readonly rows: number
  readonly before: UnixSeconds
}

/** Rows of one kind in one transaction. */
const ROWS_AT_ONCE = 1000

/**
 * Takes out what nobody needs any more. Logins and a second run go on beside it. Throws ERR_STORE_*:
 * what was done before that stays done.
 */
export async function maintain(
  ports: MaintainPorts,
  input: { readonly keepSeconds: number; readonly actor: string },
): Promise<Maintenance> {
  // First of all: counts of denials become rows, and may be from long ago.
  const newest = await ports.journal.findNewestAt()
  const removed = await removeExpired(ports)
  const denialsRecorded = await endDenialCounts(ports)
  const pruned = await pruneOld(ports, newest, input)
  await ports.upkeep.noteDone()
  const isCheckpointed = await ports.upkeep.checkpoint()
  return { removed, denialsRecorded, pruned, isCheckpointed }
}

async function removeExpired({ upkeep, pause }: MaintainPorts): Promise<readonly Removal[]> {
  let removed: readonly Removal[] = []
  for (;;) {
    const more = await upkeep.removeExpired(ROWS_AT_ONCE)
    removed = more.map(({ what, rows }, index) => ({
      what,
      rows: rows + (removed[index]?.rows ?? 0),
    }))
    if (more.every(({ rows }) => rows < ROWS_AT_ONCE)) return removed
    await pause()
  }
}

async function endDenialCounts({ upkeep, pause }: MaintainPorts): Promise<number> {
  let all = 0
  for (;;) {
    const { ended, recorded } = await upkeep.endDenialCounts(ROWS_AT_ONCE)
    all += recorded
    if (ended < ROWS_AT_ONCE) return all
    await pause()
  }
}

/**
 * Nobody is asked, so a clock that is ahead of all rows is not believed: it would make the whole log
 * look old.
 */
async function pruneOld(
  ports: MaintainPorts,
  newest: UnixSeconds | undefined,
  { keepSeconds, actor }: Parameters<typeof maintain>[1],
): Promise<AuditPruning> {
  const now = ports.now()
  const end = newest !== undefined && newest < now ? newest : now
  const before = addSeconds(end, -keepSeconds)
  // No row but records of pruning: nothing tells whether the clock is right.
  if (newest === undefined) return { rows: 0, before }
  const found = await ports.journal.findPrunable(before, now)
  if (found === undefined) return { rows: 0, before }
  const order = { through: found.through, before, actor, reason: undefined }
  return { rows: await pruneAudit(ports, order), before }
}
