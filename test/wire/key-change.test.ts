import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkSecrets } from '../../src/app/check-secrets.ts'
import { deviceSecretContext } from '../../src/app/device-secret.ts'
import type { Vault } from '../../src/app/ports.ts'
import { resealSecrets } from '../../src/app/reseal-secrets.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { openPorts, openVault, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { writeBackup } from '../../src/wire-backup.ts'
import { findKeyPlaces, readPresentNeed } from '../../src/wire-key.ts'
import { holdKeys } from '../../src/wire-key-lock.ts'
import { openBackup } from '../../src/wire-restore.ts'
import { type KeyChange, openKeyChange } from '../../src/wire-rotate.ts'
import { ALICE, always, BOB, CREATE, sampleDevice } from '../store/sample.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const LIMIT: TimeLimit = { busyMilliseconds: 1000, beforeCommit: () => {} }
const ACTOR = { actor: 'root', reason: undefined }
const SECRET = Buffer.from('12345678901234567890')
const OLD_KEY = Buffer.alloc(32, 7)
const OLD_ID = createVault(OLD_KEY).keyId
const scratch = useScratchDirectory()

const config = () =>
  parseConfig(
    `[store]\npath = "${scratch('data', 'otpgate.db')}"\nkey_file = "${scratch('key')}"\n`,
    'otpgate.toml',
  )

async function withPorts<T>(use: (ports: ReturnType<typeof openPorts>) => Promise<T>): Promise<T> {
  const ports = openPorts(config(), LIMIT)
  try {
    return await use(ports)
  } finally {
    ports.close()
  }
}

/** Adds a device as `otpgate enroll` does: by the vault of the session. */
async function addDevice(name: typeof ALICE): Promise<void> {
  await withPorts(async ({ store, vault }) => {
    const device = sampleDevice({ id: Buffer.from(name).toString('hex').padEnd(32, '0') })
    const context = deviceSecretContext({ name, uid: CREATE.uid }, device)
    const sealed = { sealedSecret: vault.seal(SECRET, context), keyId: vault.keyId }
    const add = { kind: 'add-device', device: { ...device, ...sealed } } as const
    await store.transact(name, always(CREATE, add))
  })
}

/** How a session of now finds it: that all opens is asserted, whatever the state. */
async function look() {
  const check = await withPorts(({ register, vault }) => checkSecrets(register, vault))
  expect(check.unopened).toEqual([])
  const { keyId, secretsLeft, isChanging } = readPresentNeed(config(), LIMIT)
  return {
    places: findKeyPlaces(config()).length,
    isNew: keyId !== OLD_ID,
    secretsLeft,
    isChanging,
  }
}

function withChange<T>(act: (change: KeyChange) => T): T {
  const change = openKeyChange(config(), LIMIT)
  try {
    return act(change)
  } finally {
    change.close()
  }
}

const reseal = () =>
  withPorts((ports) => resealSecrets({ ...ports, pause: async () => {} }, () => {}))

/** All steps of a change, each one a run of its own, as far as they are wanted. */
const STEPS: readonly (() => Promise<unknown> | undefined | string)[] = [
  () => withChange((change) => change.begin(ACTOR)),
  () => reseal(),
  () => void withChange((change) => change.end(ACTOR)),
  () => withChange((change) => change.install({ keepsOld: true })),
]

const goTo = async (state: keyof typeof STATES) => {
  const steps = Object.keys(STATES).indexOf(state)
  for (const step of STEPS.slice(0, steps)) await step()
}

/** As wire-rotate.ts draws them. */
const STATES = {
  settled: { places: 1, isNew: false, secretsLeft: 0, isChanging: false },
  begun: { places: 2, isNew: true, secretsLeft: 2, isChanging: true },
  resealed: { places: 2, isNew: true, secretsLeft: 0, isChanging: true },
  ended: { places: 2, isNew: true, secretsLeft: 0, isChanging: false },
  installed: { places: 1, isNew: true, secretsLeft: 0, isChanging: false },
} as const
const NAMES = ['settled', 'begun', 'resealed', 'ended', 'installed'] as const

beforeEach(async () => {
  mkdirSync(scratch('data'), { mode: 0o700 })
  writeFileSync(scratch('key'), OLD_KEY, { mode: 0o400 })
  prepareStorage(config(), LIMIT)
  await addDevice(ALICE)
  await addDevice(BOB)
})

describe('a change of the master key', () => {
  test.each(NAMES)('that is %s lets everybody in and new people be enrolled', async (name) => {
    await goTo(name)
    expect(await look()).toEqual(STATES[name])
    await withPorts(async ({ vault, store }) => {
      expect(vault.keyId).toBe(readPresentNeed(config(), LIMIT).keyId)
      await store.transact(ALICE, always({ kind: 'remove-account' }))
    })
    await addDevice(ALICE)
    expect((await look()).secretsLeft).toBe(name === 'begun' ? 1 : 0)
  })

  test.each(NAMES)('that is %s is finished from there', async (name) => {
    await goTo(name)
    const wasInstalled = name === 'installed'
    const wasBegun = withChange((change) => change.wasBegun)
    expect(wasBegun).toBe(name !== 'settled' && !wasInstalled)
    for (const step of STEPS) await step()
    expect(await look()).toEqual(STATES.installed)
    const rows = await withPorts(({ journal }) => journal.read({}, 0, 100))
    const reasons = rows.map(({ reason }) => reason?.split(',')[0])
    const pair = ['begun', 'finished']
    expect(reasons).toEqual(wasInstalled ? [...pair, ...pair] : pair)
  })

  test('leaves the old key, for its owner alone, under a name that says which it is', async () => {
    await goTo('installed')
    const old = scratch(`key.old-${OLD_ID}`)
    expect(readFileSync(old)).toEqual(OLD_KEY)
    expect(statSync(old).mode & 0o777).toBe(0o400)
    expect(statSync(scratch('key')).mode & 0o777).toBe(0o400)
    expect(readdirSync(scratch()).toSorted()).toEqual(['data', 'key', `key.old-${OLD_ID}`])
  })

  test('leaves no old key where that is not wanted, nor the second name of a run before', async () => {
    await goTo('ended')
    writeFileSync(scratch(`key.old-${OLD_ID}`), OLD_KEY)
    withChange((change) => change.install({ keepsOld: false }))
    expect(readdirSync(scratch()).toSorted()).toEqual(['data', 'key'])
    await look()
  })

  test('goes on with a next key that a run before it has made and not used', async () => {
    writeFileSync(scratch('key.next'), Buffer.alloc(32, 9), { mode: 0o400 })
    expect(await look()).toEqual({ ...STATES.settled, places: 2 })
    const { keyId } = createVault(Buffer.alloc(32, 9))
    expect(withChange((change) => change.begin(ACTOR))).toBe(keyId)
  })

  test('is seen by a process that has read its key before', async () => {
    const early = openVault(config())
    const ports = openPorts(config(), LIMIT)
    await goTo('installed')
    const open = async (vault: Vault) => (await checkSecrets(ports.register, vault)).unopened
    expect(await open(early)).toEqual([])
    expect(await open(ports.vault)).toEqual([])
    ports.close()
  })

  test('is told by the missing next key where that was taken away', async () => {
    await goTo('begun')
    renameSync(scratch('key.next'), scratch('elsewhere'))
    expect(errorCodeOf(() => openPorts(config(), LIMIT))).toBe('ERR_KEY_WRONG')
    expect(errorCodeOf(() => withChange((change) => change.begin(ACTOR)))).toBe('ERR_KEY_MISSING')
    renameSync(scratch('elsewhere'), scratch('key.next'))
    await look()
  })

  test.each([
    ['an empty file', (path: string) => writeFileSync(path, '')],
    ['another key', (path: string) => writeFileSync(path, Buffer.alloc(32, 1))],
    ['a dangling symlink', (path: string) => symlinkSync('nowhere', path)],
    ['a symlink to the key', (path: string) => symlinkSync('key', path)],
    ['a directory', (path: string) => mkdirSync(path)],
  ])('is not begun where %s has the name of the old key, nor ended', async (_, make) => {
    const old = scratch(`key.old-${OLD_ID}`)
    make(old)
    expect(errorCodeOf(() => withChange(() => {}))).toBe('ERR_REFUSED')
    expect(await look()).toEqual(STATES.settled)
    rmSync(old, { recursive: true })
    await goTo('ended')
    for (const keepsOld of [true, false]) {
      const change = openKeyChange(config(), LIMIT)
      make(old)
      expect(errorCodeOf(() => change.install({ keepsOld }))).toBe('ERR_REFUSED')
      change.close()
      expect(readFileSync(scratch('key'))).toEqual(OLD_KEY)
      rmSync(old, { recursive: true })
    }
    withChange((change) => change.install({ keepsOld: true }))
    expect(await look()).toEqual(STATES.installed)
  })

  test('puts no key into place that the database does not have', async () => {
    for (const step of STEPS) await step()
    const present = readFileSync(scratch('key'))
    // An old key put back by hand, and one that was made for nothing.
    rmSync(scratch('key'))
    writeFileSync(scratch('key'), OLD_KEY, { mode: 0o400 })
    writeFileSync(scratch('key.next'), Buffer.alloc(32, 9), { mode: 0o400 })
    expect(errorCodeOf(() => withChange(() => {}))).toBe('ERR_KEY_WRONG')
    expect(readFileSync(scratch('key'))).toEqual(OLD_KEY)
    rmSync(scratch('key'))
    rmSync(scratch('key.next'))
    writeFileSync(scratch('key'), present, { mode: 0o400 })
    expect(await look()).toEqual(STATES.installed)
  })

  test('looks at the key only once it is the only one that changes it', async () => {
    const release = holdKeys(config())
    rmSync(scratch('key'))
    expect(errorCodeOf(() => openKeyChange(config(), LIMIT))).toBe('ERR_REFUSED')
    release()
    expect(errorCodeOf(() => openKeyChange(config(), LIMIT))).toBe('ERR_KEY_MISSING')
    // Which does not keep the lock.
    holdKeys(config())()
  })

  test('is one run’s at a time, and no backup is restored meanwhile', async () => {
    writeBackup(config(), LIMIT, scratch('backup'))
    const release = holdKeys(config())
    expect(errorCodeOf(() => openKeyChange(config(), LIMIT))).toBe('ERR_REFUSED')
    expect(errorCodeOf(() => openBackup(config(), LIMIT, scratch('backup')))).toBe('ERR_REFUSED')
    release()
    expect(existsSync(scratch('key.lock'))).toBe(false)
    openBackup(config(), LIMIT, scratch('backup')).close()
    openKeyChange(config(), LIMIT).close()
    // What a killed run leaves is in nobody's way.
    writeFileSync(scratch('key.lock'), '')
    openKeyChange(config(), LIMIT).close()
  })
})

describe('a backup', () => {
  const restore = () => {
    const opened = openBackup(config(), LIMIT, scratch('backup'))
    try {
      const event = { actor: 'root', action: 'restore', outcome: 'done' } as const
      opened.apply({ event })
      return opened.backup.keyIds
    } finally {
      opened.close()
    }
  }

  test.each(NAMES)('of a key that is %s names the keys it needs', async (name) => {
    await goTo(name)
    const { keyIds } = writeBackup(config(), LIMIT, scratch('backup'))
    const ids = findKeyPlaces(config()).map(({ id }) => id)
    const newest = ids.at(-1)
    expect(keyIds).toEqual(name === 'begun' ? [newest, OLD_ID] : [newest])
  })

  test.each([
    'begun',
    'resealed',
    'ended',
  ] as const)('of the old key is restored while the change is %s, which can be finished', async (name) => {
    writeBackup(config(), LIMIT, scratch('backup'))
    await goTo(name)
    expect(restore()).toEqual([OLD_ID])
    expect(await look()).toEqual({ ...STATES.settled, places: 2 })
    for (const step of STEPS) await step()
    expect(await look()).toEqual(STATES.installed)
  })

  test('of the middle of a change takes both keys, and the change goes on from there', async () => {
    await goTo('begun')
    writeBackup(config(), LIMIT, scratch('backup'))
    for (const step of STEPS) await step()
    expect(errorCodeOf(restore)).toBe('ERR_KEY_WRONG')
    // As the hint says.
    renameSync(scratch('key'), scratch('key.next'))
    renameSync(scratch(`key.old-${OLD_ID}`), scratch('key'))
    expect(restore()).toHaveLength(2)
    expect(await look()).toEqual(STATES.begun)
    for (const step of STEPS) await step()
    expect(await look()).toEqual(STATES.installed)
  })

  test('of the old key is refused after the change, with the key that it needs', async () => {
    writeBackup(config(), LIMIT, scratch('backup'))
    await goTo('installed')
    expect(restore).toThrow(`the backup needs the key ${OLD_ID}, and`)
    expect(await look()).toEqual(STATES.installed)
  })
})
