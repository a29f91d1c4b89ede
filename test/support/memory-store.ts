import type { Now, Register, Store } from '../../src/app/ports.ts'
import type { UnixSeconds } from '../../src/base/time.ts'
import { type AccountState, countRecoveryCodes } from '../../src/domain/account.ts'
import type { Kept } from '../../src/domain/attempt.ts'
import { type AuditEvent, COUNTED_DENIAL_SECONDS } from '../../src/domain/audit-event.ts'
import type { Change } from '../../src/domain/change.ts'
import type { AccountName } from '../../src/domain/name.ts'
import { applyChanges } from './memory-change.ts'

/** A store on plain objects, with what it holds open to look at. */
export interface MemoryStore {
  readonly store: Store
  readonly register: Register
  /** Events that have a row of their own, in order. */
  readonly audit: readonly AuditEvent[]
  readonly read: (name: AccountName) => AccountState
  readonly write: (name: AccountName, state: AccountState) => void
}

/**
 * Keeps the contract of `Store`: all changes of a step or none, a change of one row meets exactly
 * one. Every step runs twice, as it may, so that one with effects shows.
 */
export function createMemoryStore(now: Now): MemoryStore {
  const states = new Map<AccountName, AccountState>()
  const audit: AuditEvent[] = []
  const counted = new Map<string, number>()
  const kept = new Map<string, { readonly value: Kept; readonly expiresAt: UnixSeconds }>()
  const read = (name: AccountName) => states.get(name) ?? { kind: 'never-known', tickets: [] }

  function record(name: AccountName, change: Change): void {
    if (change.kind === 'append-audit') audit.push(change.event)
    if (change.kind === 'keep-answer') {
      kept.set(`${name} ${change.attempt}`, { ...change, value: change.answer })
    }
    if (change.kind === 'keep-charge') {
      const value = { outcome: 'charged', chargedAt: change.at, completes: audit.length } as const
      kept.set(`${name} ${change.attempt}`, { ...change, value })
    }
    if (change.kind !== 'count-denial') return
    const { at, reason } = change.event
    const key = `${name} ${reason}`
    const since = counted.get(key)
    if (since !== undefined && at >= since && at <= since + COUNTED_DENIAL_SECONDS) return
    counted.set(key, at)
    audit.push(change.event)
  }

  const store: Store = {
    async transact(name, step, attempt) {
      const before = read(name)
      const begun = now()
      const found = kept.get(`${name} ${attempt}`)
      const past = found && begun < found.expiresAt ? found.value : undefined
      step(before, begun, past)
      const { changes, result } = step(before, begun, past)
      const rows = audit.length
      states.set(name, applyChanges(before, name, changes))
      for (const change of changes) record(name, change)
      const seq = audit.length
      return { result, audit: seq > rows ? { seq, hash: hashOf(seq) } : undefined }
    },
  }
  return {
    store,
    register: createRegister(states, read),
    audit,
    read,
    write: states.set.bind(states),
  }
}

/** Begins with letters, as logs show its beginning: no digits of a code are in there by chance. */
function hashOf(seq: number): string {
  return seq.toString(16).padStart(8, '0').padStart(64, 'a')
}

function createRegister(
  states: ReadonlyMap<AccountName, AccountState>,
  read: (name: AccountName) => AccountState,
): Register {
  return {
    find: async (name) => read(name),
    page: async (after, limit) =>
      [...states.values()]
        .filter((state) => state.kind === 'known')
        .filter((state) => after === undefined || state.account.name > after)
        .slice(0, limit)
        .map(({ account, devices, oneTimeCodes }) => ({
          account,
          devices,
          recoveryCodesLeft: countRecoveryCodes(oneTimeCodes),
        })),
    findCountedDenials: async () => [],
  }
}
