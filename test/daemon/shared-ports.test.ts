import { chmodSync, copyFileSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import { createSharedPorts, type SharedPorts } from '../../src/daemon/shared-ports.ts'
import { openPorts, prepareStorage } from '../../src/wire.ts'
import { ALICE, always, BOB, CREATE } from '../store/sample.ts'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const LIMIT = { busyMilliseconds: 1000, beforeCommit: () => {} }
const IDLE_MS = 20

const scratch = useScratchDirectory()
let opened: number
let closed: number
let shared: SharedPorts

const config = (name = 'a.db') =>
  parseConfig(`[store]\npath = "${scratch('data', name)}"\nkey_file = "${scratch('key')}"\n`, 'x')

beforeEach(() => {
  ;[opened, closed] = [0, 0]
  writeFileSync(scratch('key'), Buffer.alloc(32, 7), { mode: 0o400 })
  mkdirSync(scratch('data'), { mode: 0o700 })
  for (const name of ['a.db', 'b.db']) prepareStorage(config(name), LIMIT)
  shared = createSharedPorts((wanted) => {
    opened++
    const ports = openPorts(wanted, LIMIT)
    return {
      ...ports,
      close: () => {
        closed++
        ports.close()
      },
    }
  }, IDLE_MS)
})

afterEach(() => shared.close())

/** One login that leaves something behind. */
async function write(name = ALICE, wanted = config()): Promise<void> {
  const { store, close } = shared.borrow(wanted)
  await store.transact(name, always(CREATE))
  close()
}

async function knows(name = ALICE): Promise<boolean> {
  const { register, close } = shared.borrow(config())
  const { kind } = await register.find(name)
  close()
  return kind === 'known'
}

test('are opened once for many logins, and closed after the last has given them back', async () => {
  const [one, other] = [shared.borrow(config()), shared.borrow(config())]
  one.close()
  shared.close()
  expect({ opened, closed }).toEqual({ opened: 1, closed: 0 })
  expect(await other.register.find(ALICE)).toMatchObject({ kind: 'never-known' })
  other.close()
  expect({ opened, closed }).toEqual({ opened: 1, closed: 1 })
})

test('are opened anew for another database, and those in use go on', async () => {
  const before = shared.borrow(config())
  await write(BOB, config('b.db'))
  expect(opened).toBe(2)
  expect(closed).toBe(0)
  expect(await before.register.find(BOB)).toMatchObject({ kind: 'never-known' })
  before.close()
  expect(closed).toBe(1)
})

test('are refused as soon as others may write the database', async () => {
  await write()
  chmodSync(scratch('data', 'a.db'), 0o666)
  expect(errorCodeOf(() => shared.borrow(config()))).toBe('ERR_STORE_PERMISSION')
  chmodSync(scratch('data', 'a.db'), 0o600)
  expect(await knows()).toBe(true)
})

test('take nothing in a file that a newer program has migrated meanwhile', async () => {
  await write()
  tamper(scratch('data', 'a.db'), (db) => db.pragma('user_version = 99'))
  await expect(write(BOB)).rejects.toMatchObject({ code: 'ERR_STORE_SCHEMA' })
})

test('leave all in the main file when nobody logs in, so that a copy of it is whole', async () => {
  await write()
  expect(statSync(scratch('data', 'a.db-wal')).size).toBeGreaterThan(0)
  await expect.poll(() => statSync(scratch('data', 'a.db-wal')).size).toBe(0)
  copyFileSync(scratch('data', 'a.db'), scratch('copy.db'))
  await write(BOB)
  await wait(2 * IDLE_MS)
  copyFileSync(scratch('copy.db'), scratch('data', 'new.db'))
  renameSync(scratch('data', 'new.db'), scratch('data', 'a.db'))
  expect({ alice: await knows(), bob: await knows(BOB) }).toEqual({ alice: true, bob: false })
  const { journal, close } = shared.borrow(config())
  expect(await journal.verify()).toMatchObject({ problem: undefined })
  close()
})
