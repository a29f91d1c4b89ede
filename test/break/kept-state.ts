import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { expect } from 'vitest'
import { countRecoveryCodes } from '../../src/domain/account.ts'
import { toStoredName } from '../../src/domain/name.ts'
import { now } from '../../src/host/clock.ts'
import { readSchemaVersion } from '../../src/store/sqlite/migrate.ts'
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts'
import { openStorage } from '../../src/store/sqlite/storage.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { fileOptions, openRaw } from '../store/sqlite/sqlite-file.ts'
import type { Done } from './crash-case.ts'

/** What is kept about one person, without what differs from run to run: times, ids, seals. */
export interface KeptState {
  /** `user_version` of the file. */
  readonly schema: number
  readonly override: string | undefined
  /** Each device: whether it is confirmed, and whether it has accepted a code. */
  readonly devices: readonly string[]
  readonly recoveryCodes: number
  readonly failures: number
  readonly tickets: number
  /** Rows of the audit log about the person, oldest first. */
  readonly audit: readonly string[]
  /** Ids of devices and unused recovery codes: which set is active. */
  readonly active: readonly string[]
}

/**
 * Opens what a crash has left as the next command would, and asserts that it is whole: pages, indexes,
 * references, the chain of the audit log, and the key that belongs to it.
 */
export async function readKeptState(directory: string, user: string): Promise<KeptState> {
  const path = join(directory, 'data', 'otpgate.db')
  const schema = readWhole(path, readSchemaVersion)
  try {
    if (schema < MIGRATIONS.length) return { ...NOTHING, schema, active: readWhole(path, dump) }
    return { ...(await readCurrent(path, join(directory, 'master.key'), user)), schema }
  } finally {
    readWhole(path, assertWholePages)
  }
}

const NOTHING: KeptState = {
  ...{ schema: 0, override: undefined, devices: [], recoveryCodes: 0 },
  ...{ failures: 0, tickets: 0, audit: [], active: [] },
}

async function readCurrent(path: string, keyFile: string, user: string): Promise<KeptState> {
  const { register, journal, close } = openStorage(
    { ...fileOptions(path), now, beforeCommit: () => {} },
    createVault(readFileSync(keyFile)),
  )
  try {
    expect((await journal.verify()).problem).toBeUndefined()
    const rows = await journal.read({ account: user }, 0, 1000)
    const state = await register.find(toStoredName(user))
    const known = state.kind === 'known' ? state : undefined
    const codes = known?.oneTimeCodes ?? []
    return {
      ...NOTHING,
      override: known?.account.override?.kind,
      devices: (known?.devices ?? []).map(
        ({ confirmedAt, lastAcceptedStep }) =>
          `confirmed: ${confirmedAt !== undefined}, used: ${lastAcceptedStep !== undefined}`,
      ),
      recoveryCodes: countRecoveryCodes(codes),
      failures: known?.account.throttle.oneTimeCode.consecutiveFailures ?? 0,
      tickets: state.tickets.length,
      audit: rows.map(({ action, outcome }) => `${action} ${outcome}`),
      active: [
        ...(known?.devices ?? []).map(({ id }) => id),
        ...codes.filter(({ usesLeft }) => usesLeft > 0).map(({ id }) => id),
      ].toSorted(),
    }
  } finally {
    close()
  }
}

function readWhole<T>(path: string, read: (db: Database.Database) => T): T {
  const db = openRaw(path)
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** Every table and row of a file of an older schema: half a migration would show. */
function dump(db: Database.Database): readonly string[] {
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all()
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const rows = names.map((name) => db.prepare(`SELECT * FROM ${name}`).all())
  return [...tables, ...rows].map((each) => JSON.stringify(each))
}

function assertWholePages(db: Database.Database): void {
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
}

/** The same person before a command, after it, and, where that takes two transactions, between. */
export interface States {
  readonly old: KeptState
  readonly middle: KeptState | undefined
  readonly new: KeptState
}

/** What an undisturbed run leaves is what it should: else "new" would mean nothing. */
export function assertDone({ old, new: kept }: States, { stillActive, lastAudit, ...done }: Done) {
  expect(kept).toMatchObject({ schema: MIGRATIONS.length, ...done })
  expect(kept.audit.at(-1)).toBe(lastAudit)
  // Of an older schema all that is known is a dump.
  const before = old.schema === kept.schema ? old.active : kept.active
  expect(kept.active.filter((id) => before.includes(id))).toHaveLength(stillActive)
  const codes = done.recoveryCodes ?? kept.recoveryCodes
  expect(kept.active).toHaveLength(kept.devices.length + codes)
}

/** Which of the states it is; throws with the differences where it is none of them. */
export function judgeKeptState(state: KeptState, states: States, where: string): keyof States {
  const { old, middle } = states
  if (isEqual(state, old)) return 'old'
  if (middle !== undefined && isEqual(state, middle)) return 'middle'
  // Of a run of its own, so that ids are others: what counts is which are still the old ones.
  expect(shapeOf(state, old), where).toEqual(shapeOf(states.new, old))
  return 'new'
}

function isEqual(a: KeptState, b: KeptState): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function shapeOf(state: KeptState, old: KeptState) {
  const active = state.active.map((id) => (old.active.includes(id) ? id : 'new'))
  return { ...state, active: active.toSorted() }
}
