import { beforeEach, describe, expect, test } from 'vitest'
import { findExcuse } from '../../../src/domain/excuse.ts'
import { toStoredName } from '../../../src/domain/name.ts'
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/list.ts'
import { buildFacts, buildPolicy } from '../../support/login-fixture.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { always, at, FRESH_THROTTLES } from '../sample.ts'
import { FIRST_PEOPLE, FIRST_THROTTLE, writeFirstSchema } from './first-schema-people.ts'
import { initFile, openFile, openRaw, tamper } from './sqlite-file.ts'

const TABLES = ['account', 'device', 'one_time_code', 'ticket', 'counted_denial', 'meta', 'audit']

describe('a database of the first schema', () => {
  const scratch = useScratchDirectory()
  let before: readonly unknown[]

  function countRows(): readonly unknown[] {
    const db = openRaw(scratch('a.db'))
    const counts = TABLES.map((table) =>
      db.prepare(`SELECT '${table}', count(*) FROM ${table}`).raw().get(),
    )
    db.close()
    return counts
  }

  beforeEach(() => {
    writeFirstSchema(scratch('a.db'))
    before = countRows()
    expect(initFile(scratch('a.db'))).toBe(MIGRATIONS.length - 1)
  })

  test('keeps every row, and is whole', async () => {
    expect(countRows()).toEqual(before)
    const db = openRaw(scratch('a.db'))
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.pragma('foreign_key_check')).toEqual([])
    db.close()
    const { register, journal, close } = openFile(scratch('a.db'))
    expect(await register.page(undefined, 100)).toHaveLength(FIRST_PEOPLE.length)
    expect((await journal.verify()).problem).toBeUndefined()
    close()
    expect(initFile(scratch('a.db'))).toBe(0)
  })

  test.each(FIRST_PEOPLE)('knows since when somebody is enrolled who $what', async (person) => {
    const { register, close } = openFile(scratch('a.db'))
    const state = await register.find(toStoredName(person.name))
    close()
    const { failures, from, until } = FIRST_THROTTLE
    const reset = { kind: 'must-enroll', reason: 'lost phone' }
    expect(state).toMatchObject({
      kind: 'known',
      account: {
        uid: 1000,
        override: person.override === undefined ? undefined : reset,
        enrolledAt: person.enrolledAt,
        createdAt: at(10),
        lastLoginAt: person.lastLoginAt,
        throttle: {
          ...FRESH_THROTTLES,
          code: {
            consecutiveFailures: failures,
            recentFailures: [at(1), at(2)],
            wait: { from: at(from), until: at(until) },
          },
        },
      },
      sources: [],
    })
    expect(state).toMatchObject({ devices: devicesOf(person), oneTimeCodes: codesOf(person) })
  })

  test('lets in without a code, where the unknown are, only who never finished an enrolment', async () => {
    const { register, close } = openFile(scratch('a.db'))
    const excused: string[] = []
    for (const { name } of FIRST_PEOPLE) {
      const state = await register.find(toStoredName(name))
      const policy = buildPolicy({ unenrolled: 'allow' })
      if (findExcuse(state, buildFacts(), policy.login, at(4000)) !== undefined) excused.push(name)
    }
    close()
    // Somebody reset is barred before any excuse is looked for.
    expect(excused).toEqual(['dan'])
  })

  test('still takes devices and codes away with their account', async () => {
    const { store, register, close } = openFile(scratch('a.db'))
    await store.transact(toStoredName('ann'), always({ kind: 'remove-account' }))
    expect(await register.find(toStoredName('ann'))).toEqual({ kind: 'never-known', tickets: [] })
    expect(await register.find(toStoredName('cas'))).toMatchObject({ kind: 'known' })
    close()
    const db = openRaw(scratch('a.db'))
    for (const table of ['device', 'one_time_code', 'ticket']) {
      const left = db.prepare(`SELECT count(*) FROM ${table} WHERE account = 'ann'`).pluck().get()
      expect(left, table).toBe(0)
    }
    db.close()
  })
})

describe('a row of the first schema that belongs to nobody', () => {
  const scratch = useScratchDirectory()

  test.each(['device', 'one_time_code'])('is named, in %s, and nothing is changed', (table) => {
    writeFirstSchema(scratch('a.db'))
    tamper(scratch('a.db'), (db) => {
      db.pragma('foreign_keys = OFF')
      db.exec(`UPDATE ${table} SET account = 'nobody' WHERE account = 'cas'`)
    })
    expect(() => initFile(scratch('a.db'))).toThrow(
      expect.objectContaining({
        code: 'ERR_STORE_CORRUPT',
        message: `rows of the table ${table} belong to no account`,
        hint: expect.stringContaining('PRAGMA foreign_key_check'),
      }),
    )
    const db = openRaw(scratch('a.db'))
    const left = db.prepare(`SELECT count(*) FROM ${table} WHERE account = 'nobody'`).pluck().get()
    expect(left).toBeGreaterThan(0)
    expect(db.pragma('user_version', { simple: true })).toBe(1)
    db.close()
  })
})

function devicesOf({ name, devices = [] }: (typeof FIRST_PEOPLE)[number]) {
  return devices.map(({ confirmedAt, countsUnconfirmed, createdAt }, index) => ({
    id: `device ${index} of ${name}`,
    label: `phone ${index}`,
    kind: 'totp',
    algorithm: 'SHA256',
    digits: 8,
    periodSeconds: 60,
    driftSeconds: 0,
    sealedSecret: Buffer.from([index, 0, 255]),
    keyId: '00112233',
    lastAcceptedStep: confirmedAt === undefined ? undefined : 59_666_666,
    createdAt: createdAt ?? at(10),
    confirmedAt,
    countsUnconfirmed: countsUnconfirmed ?? false,
    lastUsedAt: confirmedAt,
  }))
}

function codesOf({ name, codes = 0 }: (typeof FIRST_PEOPLE)[number]) {
  return Array.from({ length: codes }, (_, index) => ({
    id: `code ${index} of ${name}`,
    kind: 'recovery',
    selector: `SEL${index}`,
    usesLeft: index % 2,
    reason: undefined,
  }))
}
