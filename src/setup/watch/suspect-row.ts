import { isSameProcess, type ProcessMark } from '../../host/process-mark.ts'
import type { OpenConnection } from '../../host/sshd-connection.ts'

/**
 * How long a connection is looked at after a row, before "still being asked" counts: between the row and
 * the session of one login lies PAM's account phase, which may ask a directory.
 */
export const SETTLE_SECONDS = 15

/** One row of the log, and the connections of before the reload that may have written it. */
export interface SuspectRow {
  readonly seq: number
  /** When it was first seen, in seconds since boot. */
  readonly seenAt: number
  /** Empty: it is from a connection that was opened since. */
  readonly suspects: readonly ProcessMark[]
  /** One of them is gone, or has got in, before it could be told: so this row never counts. */
  readonly isSpoiled: boolean
}

/**
 * What is known of a row by one more look at the connections, taken after the row was read. One that
 * nobody has named a user on has asked PAM nothing, and one of somebody else nothing about this person.
 * One on which somebody is still asked long after the row has not written it either: that row's login
 * went on.
 */
export function clearSuspects(
  row: SuspectRow,
  open: readonly OpenConnection[],
  nowSeconds: number,
  isOfAnother: (connection: OpenConnection) => boolean,
): SuspectRow {
  if (row.isSpoiled) return row
  const isSettled = nowSeconds - row.seenAt >= SETTLE_SECONDS
  const mayBe = (each: OpenConnection) =>
    each.stage !== 'nobody-named' &&
    !(each.stage === 'logging-in' && isSettled) &&
    !isOfAnother(each)
  const found = row.suspects.map((mark) => findConnection(open, mark))
  const seen = found.filter((each) => each !== undefined)
  return { ...row, suspects: seen.filter(mayBe), isSpoiled: seen.length < found.length }
}

/** The connection that this process has. */
export function findConnection(
  open: readonly OpenConnection[],
  mark: ProcessMark,
): OpenConnection | undefined {
  return open.find((each) => isSameProcess(each, mark))
}
