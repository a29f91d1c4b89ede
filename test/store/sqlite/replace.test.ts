import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/domain/audit-event.ts'
import { stepAt } from '../../../src/domain/otp.ts'
import { NOTHING_PAST } from '../../../src/domain/past.ts'
import { copyDatabase, inspectDatabase } from '../../../src/store/sqlite/backup.ts'
import { replaceRows, settleFile } from '../../../src/store/sqlite/replace.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import {
  ALICE,
  always,
  at,
  audit,
  BOB,
  CREATE,
  sampleButton,
  sampleCode,
  sampleDevice,
  sampleSource,
  sampleTicket,
} from '../sample.ts'
import { fileOptions, initFile, MASTER_KEY, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const vault = createVault(MASTER_KEY)
const EVENT: Omit<AuditEvent, 'at'> = { actor: 'root', action: 'restore', outcome: 'done' }
const DEVICE = sampleDevice({ lastAcceptedStep: 5 })
const BUTTON = sampleButton({ lastAcceptedStep: 3 })
const CODE = sampleCode()
const live = () => fileOptions(scratch('a.db'))
const terms = (keep = () => {}) => ({ now: () => at(600), window: 1, event: EVENT, keep })

/** Alice with a phone, a button and a recovery code, as they were when the backup was made. */
beforeEach(async () => {
  initFile(scratch('a.db'))
  await saveInFile(
    scratch('a.db'),
    CREATE,
    { kind: 'add-device', device: DEVICE },
    { kind: 'add-device', device: BUTTON },
    { kind: 'add-one-time-code', code: CODE },
    { kind: 'put-source', source: sampleSource() },
    { kind: 'put-ticket', ticket: sampleTicket('here'), at: at(0) },
    audit(),
  )
  writeFileSync(scratch('saved.db'), '')
  copyDatabase(live(), scratch('saved.db'))
})

async function findAlice(path = scratch('a.db')) {
  const { register, close } = openFile(path)
  try {
    const state = await register.find(ALICE)
    if (state.kind === 'known') return state
    throw new Error('alice is not there')
  } finally {
    close()
  }
}

function replace(keep?: () => void): void {
  replaceRows(live(), scratch('saved.db'), vault, terms(keep))
}

const marksOf = (state: Awaited<ReturnType<typeof findAlice>>) =>
  Object.fromEntries(state.devices.map((each) => [each.label, each.lastAcceptedStep]))

describe('a copy of the database', () => {
  test('holds what another connection has committed and not yet checkpointed', async () => {
    const open = openFile(scratch('a.db'))
    await open.store.transact(BOB, always(CREATE))
    writeFileSync(scratch('b.db'), '')
    copyDatabase(live(), scratch('b.db'))
    open.close()
    expect(inspectDatabase(fileOptions(scratch('b.db')), vault)).toMatchObject({
      people: 2,
      audit: { rows: 1, problem: undefined },
    })
  })
})

describe('what is found in a file', () => {
  test.each([
    'CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM device; END',
    'CREATE VIEW v AS SELECT * FROM account',
    'CREATE TABLE extra (a)',
    'DROP INDEX audit_at',
  ])('is refused where the tables are not ours: %s', (sql) => {
    tamper(scratch('saved.db'), (db) => db.exec(sql))
    expect(errorCodeOf(() => inspectDatabase(fileOptions(scratch('saved.db')), vault))).toBe(
      'ERR_STORE_CORRUPT',
    )
  })

  test('says where the audit log does not hold', () => {
    tamper(scratch('saved.db'), (db) => db.exec("UPDATE audit SET actor = 'eve'"))
    const { audit: found } = inspectDatabase(fileOptions(scratch('saved.db')), vault)
    expect(found.problem).toMatchObject({ seq: 1, what: 'it was changed' })
  })

  test('is refused under another key', () => {
    const other = createVault(Buffer.alloc(32, 8))
    expect(errorCodeOf(() => inspectDatabase(live(), other))).toBe('ERR_KEY_WRONG')
  })
})

describe('rows of a backup in the place of the present', () => {
  test('are seen by a process that has the database open, which goes on to write', async () => {
    const open = openFile(scratch('a.db'))
    await open.store.transact(BOB, always(CREATE))
    replace()
    expect(await open.register.find(BOB)).toMatchObject({ kind: 'never-known' })
    await open.store.transact(BOB, always(CREATE, audit()))
    const { rows, problem } = await open.journal.verify()
    open.close()
    expect({ rows, problem }).toEqual({ rows: 3, problem: undefined })
  })

  test('keep every code from working that a phone may have shown before', async () => {
    replace()
    const state = await findAlice()
    expect(marksOf(state)).toEqual({ phone: stepAt(at(600), 30) + 1, button: 3 })
  })

  test('keep the marks of the present where they are further', async () => {
    const step = stepAt(at(600), 30) + 9
    await saveInFile(
      scratch('a.db'),
      { kind: 'accept-step', deviceId: DEVICE.id, step, at: at(600) },
      { kind: 'accept-step', deviceId: BUTTON.id, step: 8, at: at(600) },
    )
    replace()
    expect(marksOf(await findAlice())).toEqual({ phone: step, button: 8 })
  })

  test('move the mark by the drift that was learnt, as the window is moved', async () => {
    tamper(scratch('saved.db'), (db) =>
      db.exec('UPDATE device SET drift_seconds = 60 WHERE drift_seconds = 0'),
    )
    replace()
    expect(marksOf(await findAlice())).toMatchObject({ phone: stepAt(at(600), 30) + 3 })
  })

  test('leave a code used that was used since', async () => {
    await saveInFile(scratch('a.db'), {
      kind: 'consume-one-time-code',
      codeId: CODE.id,
      at: at(9),
    })
    replace()
    expect((await findAlice()).oneTimeCodes).toMatchObject([{ usesLeft: 0 }])
  })

  test('leave a bypass code away that was revoked since', async () => {
    const bypass = sampleCode({ id: 'c9'.repeat(16), selector: '9999', kind: 'bypass' })
    tamper(scratch('saved.db'), (db) =>
      db.exec(
        `INSERT INTO one_time_code SELECT '${bypass.id}', account, 'bypass', '9999', hash, created_at,
           expires_at, uses_left, last_used_at, reason FROM one_time_code`,
      ),
    )
    replace()
    expect((await findAlice()).oneTimeCodes).toMatchObject([{ kind: 'recovery' }])
  })

  test('leave each budget as it is now: who is locked stays locked, who was unlocked is free', async () => {
    const locked = { consecutiveFailures: 100, recentFailures: [], wait: undefined }
    await saveInFile(scratch('a.db'), { kind: 'set-throttle', budget: 'code', throttle: locked })
    tamper(scratch('saved.db'), (db) =>
      db.exec(`UPDATE account SET throttle_local = '[7,[],null,null]'`),
    )
    replace()
    const { throttle } = (await findAlice()).account
    expect(throttle.code.consecutiveFailures).toBe(100)
    expect(throttle.local.consecutiveFailures).toBe(0)
  })

  test('leave a source revoked that was revoked since', async () => {
    await saveInFile(scratch('a.db'), { kind: 'remove-sources' })
    replace()
    expect((await findAlice()).sources).toEqual([])
  })

  test('are not put beside a trigger that came while somebody was asked', async () => {
    tamper(scratch('a.db'), (db) =>
      db.exec('CREATE TRIGGER t AFTER INSERT ON device BEGIN DELETE FROM audit; END'),
    )
    expect(errorCodeOf(() => replace())).toBe('ERR_STORE_CORRUPT')
  })

  test('bring back no ticket, and no remembered login', async () => {
    replace()
    const { tickets, sources } = await findAlice()
    expect(tickets).toEqual([])
    expect(sources).toMatchObject([{ rememberedAt: undefined, lastSuccessAt: at(5) }])
  })

  test('change nothing where what is about to go could not be kept', async () => {
    await saveInFile(scratch('a.db'), { kind: 'remove-device', deviceId: BUTTON.id })
    const full = () => {
      throw new Error('disk full')
    }
    expect(() => replace(full)).toThrow('disk full')
    expect((await findAlice()).devices).toHaveLength(1)
    expect((await findAlice()).tickets).toHaveLength(1)
  })

  test('are copied while nobody else can write', async () => {
    const write = () =>
      tamper(scratch('a.db'), (db) => {
        db.pragma('busy_timeout = 0')
        db.exec('DELETE FROM account')
      })
    replace(() => expect(write).toThrow('database is locked'))
    expect((await findAlice()).devices).toHaveLength(2)
  })

  test('say so in their own audit log, which holds', async () => {
    replace()
    const { journal, close } = openFile(scratch('a.db'))
    const rows = await journal.read({}, 0, 9)
    const { problem } = await journal.verify()
    close()
    expect(problem).toBeUndefined()
    expect(rows.at(-1)).toMatchObject({ ...EVENT, seq: 2, at: at(600) })
  })
})

test('a backup that nothing can be compared with is settled for any drift that may have been learnt', async () => {
  copyFileSync(scratch('saved.db'), scratch('copy.db'))
  settleFile(fileOptions(scratch('copy.db')), NOTHING_PAST, vault, terms())
  expect(marksOf(await findAlice(scratch('copy.db')))).toMatchObject({
    phone: stepAt(at(600), 30) + 3,
    button: 3,
  })
  expect(existsSync(scratch('copy.db-wal'))).toBe(false)
})
