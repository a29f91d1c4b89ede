import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { Change } from '../../src/domain/change.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { openPorts, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { writeBackup } from '../../src/wire-backup.ts'
import { openBackup } from '../../src/wire-restore.ts'
import { ALICE, always, CREATE, sampleButton, sampleCode } from '../store/sample.ts'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const LIMIT: TimeLimit = { busyMilliseconds: 1000, beforeCommit: () => {} }
const EVENT = { actor: 'root', action: 'restore', outcome: 'done' } as const
const KEY = Buffer.alloc(32, 7)
const BUTTON = sampleButton({ lastAcceptedStep: 3, keyId: createVault(KEY).keyId })
const CODE = sampleCode()
const SOURCE = join(import.meta.dirname, '../../src')
const scratch = useScratchDirectory()
const isRoot = process.geteuid?.() === 0
/** Whoever the daemon runs as; on every Linux. */
const SERVICE = { name: 'nobody', uid: 65_534 }

const database = () => scratch('data', 'otpgate.db')
const kept = () => `${database()}.replaced-1`

const configText = () =>
  `[store]\npath = "${database()}"\nkey_file = "${scratch('key')}"\n[daemon]\nuser = "${SERVICE.name}"\n`
const config = () => parseConfig(configText(), 'otpgate.toml')

async function change(...changes: readonly Change[]): Promise<void> {
  const { store, close } = openPorts(config(), LIMIT)
  await store.transact(ALICE, always(...changes))
  close()
}

/** Since the backup the button was pressed, and the code was used. */
beforeEach(async () => {
  writeFileSync(scratch('key'), KEY, { mode: 0o400 })
  mkdirSync(scratch('data'), { mode: 0o700 })
  prepareStorage(config(), LIMIT)
  await change(
    CREATE,
    { kind: 'add-device', device: BUTTON },
    { kind: 'add-one-time-code', code: CODE },
  )
  writeBackup(config(), LIMIT, scratch('backup'))
  await change(
    { kind: 'accept-step', deviceId: BUTTON.id, step: 8, at: CREATE.at },
    { kind: 'consume-one-time-code', codeId: CODE.id, at: CREATE.at },
  )
})

const open = (path = scratch('backup'), limit = LIMIT) => openBackup(config(), limit, path)
const openError = (path?: string) => {
  try {
    open(path).close()
    return undefined
  } catch (error) {
    return error
  }
}

function restore(path?: string, limit?: TimeLimit): string | undefined {
  const opened = open(path, limit)
  try {
    return opened.apply({ event: EVENT })
  } finally {
    opened.close()
  }
}

/** What the backup does not know, and nothing may bring back. */
async function expectUsed(): Promise<void> {
  const { register, close } = openPorts(config(), LIMIT)
  const state = await register.find(ALICE)
  close()
  expect(state).toMatchObject({
    devices: [{ lastAcceptedStep: 8 }],
    oneTimeCodes: [{ usesLeft: 0 }],
  })
}

const files = () => readdirSync(scratch('data')).toSorted()

describe('a backup in the place of a database that is', () => {
  test('ours leaves used what was used, in the file itself', async () => {
    const opened = open()
    expect(opened.present.kind).toBe('ours')
    opened.close()
    expect(restore()).toBe(kept())
    await expectUsed()
  })

  test('damaged in a row leaves used what can be read, in a file of its own', async () => {
    tamper(database(), (db) => db.exec("UPDATE account SET override_kind = 'foo'"))
    expect(restore()).toBe(kept())
    await expectUsed()
  })

  test('watched by a foreign trigger does not keep it', async () => {
    tamper(database(), (db) =>
      db.exec(
        'CREATE TRIGGER t AFTER UPDATE ON one_time_code BEGIN UPDATE one_time_code SET uses_left = 99; END',
      ),
    )
    restore()
    await expectUsed()
    tamper(database(), (db) => {
      expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()).toEqual([])
    })
  })

  test('of another master key, which is not here, leaves used what was used', async () => {
    // As after a change of the key, with the old one alone put back.
    tamper(database(), (db) =>
      db.exec(
        "UPDATE meta SET value = CAST(substr(value, 1, 1) || x'00000000' || substr(value, 6) AS BLOB) WHERE key IN ('key_check', 'audit_key')",
      ),
    )
    const opened = open()
    expect(opened.present).toMatchObject({ kind: 'readable' })
    opened.close()
    restore()
    await expectUsed()
  })

  test('gone, since a restore was cut off, leaves used what the one moved aside knows', async () => {
    renameSync(database(), `${database()}.replaced-7`)
    const opened = open()
    expect(opened.present).toMatchObject({ kind: 'readable' })
    opened.close()
    expect(restore()).toBeUndefined()
    await expectUsed()
  })

  test('gone says so', () => {
    rmSync(database())
    const opened = open()
    expect(opened.present.kind).toBe('absent')
    opened.close()
  })
})

describe('a restore that fails', () => {
  /** The copy that it works on, so that the last step finds no key of the audit log. */
  const spoil = () => {
    const copy = files().find((name) => /^\.otpgate-[0-9a-f]+\.tmp$/.test(name)) ?? ''
    tamper(scratch('data', copy), (db) => db.exec("DELETE FROM meta WHERE key = 'audit_key'"))
  }

  test('leaves no copy of what is there still', async () => {
    const opened = open()
    spoil()
    expect(errorCodeOf(() => opened.apply({ event: EVENT }))).toBe('ERR_STORE_CORRUPT')
    opened.close()
    expect(files()).toEqual(['otpgate.db'])
    await expectUsed()
  })

  test('puts back what it has moved aside', () => {
    tamper(database(), (db) => db.exec('CREATE TABLE extra (a)'))
    const before = readFileSync(database())
    const opened = open()
    spoil()
    expect(errorCodeOf(() => opened.apply({ event: EVENT }))).toBe('ERR_STORE_CORRUPT')
    opened.close()
    expect(files()).toEqual(['otpgate.db'])
    expect(readFileSync(database()).equals(before)).toBe(true)
  })

  test('is the second one of two at a time, and touches nothing', () => {
    const opened = open()
    expect(openError()).toMatchObject({ code: 'ERR_REFUSED' })
    opened.close()
    expect(openError()).toBeUndefined()
  })
})

/** Opens a backup, and is still asking whether to go on. */
const ASKING = `
import { loadConfig } from ${JSON.stringify(join(SOURCE, 'wire.ts'))}
import { openBackup } from ${JSON.stringify(join(SOURCE, 'wire-restore.ts'))}
openBackup(loadConfig(process.argv[1]), { busyMilliseconds: 1000 }, process.argv[2])
setInterval(() => {}, 1000)
console.log('ready')
`

/** Uses a code up, and takes its time for it. */
const SAVING = `
const Database = require('better-sqlite3')
const db = new Database(process.argv[1])
db.exec('BEGIN IMMEDIATE; UPDATE one_time_code SET uses_left = 0')
console.log('ready')
setTimeout(() => { db.exec('COMMIT'); db.close() }, 2000)
`

test('a restore that is ended at the question leaves nothing behind', async () => {
  writeFileSync(scratch('toml'), configText(), { mode: 0o600 })
  const args = ['--input-type=module', '-e', ASKING, scratch('toml'), scratch('backup')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  expect(files()).not.toEqual(['otpgate.db'])
  child.kill('SIGHUP')
  expect(await once(child, 'exit')).toEqual([null, 'SIGHUP'])
  expect(files()).toEqual(['otpgate.db'])
  expect(openError()).toBeUndefined()
})

describe('while another file takes the place of a database', () => {
  beforeEach(() => tamper(database(), (db) => db.exec('CREATE TABLE extra (a)')))

  test('nothing is saved any more in the old one, which somebody has open still', async () => {
    const { store, close } = openPorts(config(), LIMIT)
    await store.transact(ALICE, always())
    restore()
    const press = { kind: 'accept-step', deviceId: BUTTON.id, step: 9, at: CREATE.at } as const
    await expect(store.transact(ALICE, always(press))).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
    })
    close()
    tamper(kept(), (db) => {
      expect(db.prepare('SELECT last_accepted_step FROM device').pluck().get()).toBe(8)
    })
  })

  test('a login that is about to save is waited for, and what it has used up counts', async () => {
    tamper(database(), (db) => db.exec('UPDATE one_time_code SET uses_left = 1'))
    const child = spawn(process.execPath, ['-e', SAVING, database()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    restore(undefined, { ...LIMIT, busyMilliseconds: 20_000 })
    await expectUsed()
  })

  test('a login that does not end keeps it from that, and all is as it was', () => {
    tamper(database(), (db) => {
      db.exec('BEGIN IMMEDIATE')
      expect(errorCodeOf(() => restore())).toBe('ERR_STORE_LOCKED')
      db.exec('COMMIT')
    })
    expect(files()).toEqual(['otpgate.db'])
  })
})

describe('what is no backup', () => {
  test.each([
    { sql: "UPDATE device SET kind = 'foo'", what: 'a device of alice' },
    { sql: "UPDATE account SET throttle_local = 'x'", what: 'the account of alice' },
    { sql: 'PRAGMA user_version = 1', what: 'duplicate column' },
  ])('is said to be bad itself, not the database: $sql', ({ sql, what }) => {
    tamper(scratch('backup'), (db) => db.exec(sql))
    const error = openError()
    expect(error).toMatchObject({
      code: 'ERR_STORE_CORRUPT',
      message: expect.stringContaining('the backup is of no use'),
      hint: 'take another one; nothing was changed',
    })
    if (what !== 'duplicate column')
      expect(error).toHaveProperty('message', expect.stringContaining(what))
    expect(files()).toEqual(['otpgate.db'])
  })

  test('is told by its first bytes, however long it is', () => {
    const fd = openSync(scratch('huge'), 'w', 0o600)
    ftruncateSync(fd, 2 ** 42)
    closeSync(fd)
    expect(openError(scratch('huge'))).toMatchObject({ code: 'ERR_STORE_CORRUPT' })
  })

  test('is not copied where there is no room for it', () => {
    const fd = openSync(scratch('backup'), 'r+')
    ftruncateSync(fd, 2 ** 43)
    closeSync(fd)
    expect(openError()).toMatchObject({ code: 'ERR_STORE_FULL' })
    expect(files()).toEqual(['otpgate.db'])
  })

  test.each(['-wal', '-journal'])('has a part of it in NAME%s', (tail) => {
    writeFileSync(`${scratch('backup')}${tail}`, 'log')
    expect(openError()).toMatchObject({
      code: 'ERR_STORE_CORRUPT',
      message: expect.stringContaining(tail),
    })
  })

  test.runIf(isRoot)('belongs to somebody who may not own the database', () => {
    chownSync(scratch('backup'), SERVICE.uid, SERVICE.uid)
    expect(openError()).toMatchObject({ code: 'ERR_STORE_PERMISSION' })
  })
})

test.runIf(isRoot)("what a restore kept for the daemon's user can be restored", () => {
  chmodSync(scratch(), 0o711)
  for (const path of [scratch('data'), database()]) chownSync(path, SERVICE.uid, SERVICE.uid)
  expect(restore()).toBe(kept())
  expect(restore(kept())).toBe(`${database()}.replaced-2`)
})

describe('a backup is not written', () => {
  const refusal = (path: string) => errorCodeOf(() => void writeBackup(config(), LIMIT, path))

  test.each([0o777, 0o1777, 0o770])('into a directory of mode %o', (mode) => {
    mkdirSync(scratch('shared'))
    chmodSync(scratch('shared'), mode)
    expect(refusal(scratch('shared', 'backup'))).toBe('ERR_OUTPUT_FAILED')
    expect(existsSync(scratch('shared', 'backup'))).toBe(false)
  })

  test.runIf(isRoot)("into somebody else's directory, nor by a symlink of theirs", () => {
    mkdirSync(scratch('theirs'), { mode: 0o755 })
    symlinkSync(scratch('data'), scratch('theirs', 'link'))
    chownSync(scratch('theirs'), 1, 1)
    expect(refusal(scratch('theirs', 'backup'))).toBe('ERR_OUTPUT_FAILED')
    expect(refusal(scratch('theirs', 'link', 'backup'))).toBe('ERR_OUTPUT_FAILED')
  })
})
