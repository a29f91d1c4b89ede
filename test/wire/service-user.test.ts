import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import { openPorts, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { ALICE, always, CREATE } from '../store/sample.ts'
import { asOrdinaryUser, giveToOrdinaryUser } from '../store/sqlite/ordinary-user.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const LIMIT: TimeLimit = { busyMilliseconds: 1000, beforeCommit: () => {} }
/** Whoever the tests make the database's owner; on every Linux. */
const SERVICE_USER = 'nobody'

const isRoot = process.geteuid?.() === 0
const scratch = useScratchDirectory()

function config(user = SERVICE_USER) {
  return parseConfig(
    `[store]
path = "${scratch('data', 'otpgate.db')}"
key_file = "${scratch('key')}"
[daemon]
user = "${user}"
`,
    'otpgate.toml',
  )
}

/** A key of root's, and a directory of the service user's. */
function makeHost(): void {
  chmodSync(scratch(), 0o711)
  writeFileSync(scratch('key'), Buffer.alloc(32, 7), { mode: 0o400 })
  writeFileSync(scratch('credential'), Buffer.alloc(32, 7))
  giveToOrdinaryUser(scratch('credential'), 0o440)
  mkdirSync(scratch('data'))
  giveToOrdinaryUser(scratch('data'), 0o700)
}

function ownerOf(name: string): { readonly uid: number } {
  const { uid } = statSync(scratch('data', name))
  return { uid }
}

function openAsService() {
  const credential = scratch('credential')
  return asOrdinaryUser(() => openPorts(config(), { ...LIMIT, credential }))
}

describe.skipIf(!isRoot)("a database in the service user's directory", () => {
  test('belongs to that user when root has made it, and both work in it', async () => {
    makeHost()
    prepareStorage(config(), LIMIT)
    const service = await openAsService()
    const root = openPorts(config(), LIMIT)
    try {
      await root.store.transact(ALICE, always(CREATE))
      expect(await service.register.find(ALICE)).toMatchObject({ kind: 'known' })
      for (const tail of ['', '-wal', '-shm']) {
        expect({ tail, ...ownerOf(`otpgate.db${tail}`) }).toEqual({ tail, uid: 65_534 })
      }
    } finally {
      root.close()
      service.close()
    }
  })

  test('is trusted in the hands of that user, and of no other', () => {
    makeHost()
    prepareStorage(config(), LIMIT)
    openPorts(config(), LIMIT).close()
    expect(errorCodeOf(() => openPorts(config('daemon'), LIMIT))).toBe('ERR_STORE_PERMISSION')
    chownSync(scratch('data', 'otpgate.db'), 1, 1)
    expect(errorCodeOf(() => openPorts(config(), LIMIT))).toBe('ERR_STORE_PERMISSION')
  })
})

describe('the key that systemd hands over', () => {
  const open = (mode: number) => {
    writeFileSync(scratch('key'), Buffer.alloc(32, 7), { mode: 0o400 })
    mkdirSync(scratch('data'), { mode: 0o700 })
    prepareStorage(config(), LIMIT)
    writeFileSync(scratch('credential'), Buffer.alloc(32, 7))
    chmodSync(scratch('credential'), mode)
    openPorts(config(), { ...LIMIT, credential: scratch('credential') }).close()
  }

  test.each([0o400, 0o440])('may be readable by its group: %o', (mode) => {
    open(mode)
  })

  test.each([0o444, 0o460, 0o404])('may not be open any further: %o', (mode) => {
    expect(errorCodeOf(() => open(mode))).toBe('ERR_KEY_PERMISSION')
  })

  test('stands alone: the usual key must still be closed to the group', () => {
    open(0o440)
    chmodSync(scratch('key'), 0o440)
    expect(errorCodeOf(() => openPorts(config(), LIMIT))).toBe('ERR_KEY_PERMISSION')
  })
})
