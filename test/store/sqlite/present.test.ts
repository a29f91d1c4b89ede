import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { copyDatabase } from '../../../src/store/sqlite/backup.ts'
import { lookAtPresent } from '../../../src/store/sqlite/present.ts'
import { settleFile } from '../../../src/store/sqlite/replace.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import {
  ALICE,
  at,
  CREATE,
  sampleButton,
  sampleCode,
  sampleDevice,
  sampleSource,
} from '../sample.ts'
import { fileOptions, initFile, MASTER_KEY, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const vault = createVault(MASTER_KEY)
const BUTTON = sampleButton({ lastAcceptedStep: 3 })
const CODE = sampleCode()

/** Since the backup the code was used and the button was pressed. */
beforeEach(async () => {
  initFile(scratch('a.db'))
  await saveInFile(
    scratch('a.db'),
    CREATE,
    { kind: 'add-device', device: sampleDevice() },
    { kind: 'add-device', device: BUTTON },
    { kind: 'add-one-time-code', code: CODE },
    { kind: 'put-source', source: sampleSource() },
  )
  writeFileSync(scratch('saved.db'), '')
  copyDatabase(fileOptions(scratch('a.db')), scratch('saved.db'))
  await saveInFile(
    scratch('a.db'),
    { kind: 'accept-step', deviceId: BUTTON.id, step: 8, at: at(600) },
    { kind: 'consume-one-time-code', codeId: CODE.id, at: at(9) },
  )
})

const look = (path = scratch('a.db')) =>
  lookAtPresent(fileOptions(path), fileOptions(scratch('saved.db')), vault)

function damage(sql: string): void {
  tamper(scratch('a.db'), (db) => {
    db.pragma('foreign_keys = OFF')
    db.exec(sql)
  })
}

async function settled() {
  const { past } = look()
  const event = { actor: 'root', action: 'restore', outcome: 'done' } as const
  settleFile(fileOptions(scratch('saved.db')), past, vault, {
    now: () => at(600),
    window: 1,
    event,
  })
  const { register, close } = openFile(scratch('saved.db'))
  const state = await register.find(ALICE)
  close()
  if (state.kind !== 'known') throw new Error('alice is not there')
  return state
}

describe('the database that a backup is to replace', () => {
  test('is ours where it is sound and the backup was made of it', () => {
    const present = look()
    expect(present.kind).toBe('ours')
    expect(present.past.marks.get(BUTTON.id)).toBe(8)
    expect(present.past.usesLeft.get(CODE.id)).toBe(0)
  })

  test.each([
    { sql: "UPDATE account SET override_kind = 'foo'", flaw: 'the account of alice' },
    { sql: "UPDATE account SET throttle_code = 'x'", flaw: 'the account of alice' },
    { sql: 'UPDATE account SET created_at = -1', flaw: 'the account of alice' },
    { sql: "UPDATE device SET kind = 'foo'", flaw: 'a device of alice' },
    { sql: "UPDATE device SET period_seconds = 0 WHERE kind = 'totp'", flaw: 'a device of alice' },
    { sql: "UPDATE one_time_code SET kind = 'foo'", flaw: 'a one-time code of alice' },
    { sql: "DELETE FROM meta WHERE key = 'audit_key'", flaw: 'the key of its audit log' },
    { sql: "UPDATE meta SET value = x'00' WHERE key = 'audit_key'", flaw: 'the key of its audit' },
    { sql: 'DROP TABLE counted_denial', flaw: 'other tables' },
    { sql: 'CREATE TABLE extra (a)', flaw: 'other tables' },
    { sql: 'CREATE VIEW extra AS SELECT 1', flaw: 'other tables' },
    {
      sql: 'CREATE TRIGGER t AFTER UPDATE ON one_time_code BEGIN UPDATE one_time_code SET uses_left = 99; END',
      flaw: 'other tables',
    },
    { sql: 'PRAGMA user_version = 99', flaw: 'it has schema 99' },
    { sql: 'DELETE FROM account', flaw: 'a part of the file is damaged' },
  ])('is not ours, and its marks still count: $sql', async ({ sql, flaw }) => {
    damage(sql)
    const present = look()
    expect(present).toMatchObject({ kind: 'readable' })
    expect('flaws' in present && present.flaws.join()).toContain(flaw)
    const { devices, oneTimeCodes } = await settled()
    expect(devices.find(({ id }) => id === BUTTON.id)?.lastAcceptedStep).toBe(8)
    expect(oneTimeCodes).toMatchObject([{ usesLeft: 0 }])
  })

  test('says which mark it could not read, and keeps all others', async () => {
    damage("UPDATE device SET last_accepted_step = -5 WHERE kind = 'hotp'")
    expect(look()).toMatchObject({
      kind: 'readable',
      flaws: ['it holds what cannot be read: a device of alice'],
    })
    expect(look().past.marks.has(BUTTON.id)).toBe(false)
    expect((await settled()).oneTimeCodes).toMatchObject([{ usesLeft: 0 }])
  })

  test('is readable where whole pages are damaged, as far as they are others', async () => {
    let at = 0
    tamper(scratch('a.db'), (db) => {
      const root = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'audit'").pluck()
      const size = Number(db.pragma('page_size', { simple: true }))
      at = (Number(root.get()) - 1) * size
      db.pragma('wal_checkpoint(TRUNCATE)')
    })
    const fd = openSync(scratch('a.db'), 'r+')
    writeSync(fd, Buffer.alloc(512, 0xff), 0, 512, at)
    closeSync(fd)
    expect(look()).toMatchObject({ kind: 'readable', flaws: ['a part of the file is damaged'] })
    const { devices, oneTimeCodes } = await settled()
    expect(devices.find(({ id }) => id === BUTTON.id)?.lastAcceptedStep).toBe(8)
    expect(oneTimeCodes).toMatchObject([{ usesLeft: 0 }])
  })

  test('is readable under another master key: what was used is not sealed', () => {
    const other = createVault(Buffer.alloc(32, 8))
    initFile(scratch('b.db'), other)
    damage(`ATTACH '${scratch('b.db')}' AS b; UPDATE meta SET value =
      (SELECT value FROM b.meta WHERE b.meta.key = main.meta.key) WHERE key <> 'audit_head'`)
    const present = look()
    expect(present).toMatchObject({
      kind: 'readable',
      flaws: ['it is sealed with another master key'],
    })
    expect(present.past.usesLeft.get(CODE.id)).toBe(0)
  })

  test('tells nothing about people where it was begun anew with the same key', () => {
    initFile(scratch('new.db'))
    expect(look(scratch('new.db'))).toMatchObject({
      kind: 'readable',
      flaws: ['it is another database than the backup was made of'],
    })
  })

  test('keeps the stricter of two throttles where it is another database', async () => {
    damage(`UPDATE account SET throttle_code = '[100,[],null,null]'; CREATE TABLE extra (a)`)
    tamper(scratch('saved.db'), (db) =>
      db.exec(`UPDATE account SET throttle_local = '[7,[],null,null]'`),
    )
    const { throttle } = (await settled()).account
    expect(throttle.code.consecutiveFailures).toBe(100)
    expect(throttle.local.consecutiveFailures).toBe(7)
  })

  test('is useless where it is no database, or one of nothing', () => {
    writeFileSync(scratch('junk.db'), 'junk')
    expect(look(scratch('junk.db'))).toMatchObject({ kind: 'useless' })
    damage(
      'DROP TABLE device; DROP TABLE one_time_code; DROP TABLE known_source; DROP TABLE account',
    )
    expect(look()).toMatchObject({ kind: 'useless' })
  })
})
