import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/domain/audit-event.ts'
import { beginKeyChange, endKeyChange, readSeals } from '../../../src/store/sqlite/key-change.ts'
import { readKeyId } from '../../../src/vault/envelope.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, always, at, audit, CREATE, sampleButton, sampleDevice } from '../sample.ts'
import { fileOptions, initFile, MASTER_KEY, openFile, saveInFile } from './sqlite-file.ts'

const NEXT_KEY = Buffer.alloc(32, 8)
const scratch = useScratchDirectory()
const old = createVault(MASTER_KEY)
const next = createVault(NEXT_KEY)
const both = () => createVault(MASTER_KEY, () => [Buffer.from(NEXT_KEY)])
const EVENT: Omit<AuditEvent, 'at'> = { actor: 'root', action: 'key-rotate', outcome: 'done' }
const TERMS = { now: () => at(9), event: EVENT }
const file = () => fileOptions(scratch('a.db'))
const begin = () => beginKeyChange(file(), old, next, TERMS)
const DEVICE = sampleDevice({ keyId: old.keyId })
const RESEAL = {
  kind: 'reseal-device',
  deviceId: DEVICE.id,
  sealedSecret: Buffer.from([7]),
  keyId: next.keyId,
} as const

beforeEach(async () => {
  initFile(scratch('a.db'))
  await saveInFile(scratch('a.db'), CREATE, { kind: 'add-device', device: DEVICE })
})

describe('a database whose key is being changed', () => {
  test('says which keys it needs, before, in between and after', async () => {
    const see = () => {
      const { keyCheck, auditKey, devices, isChanging } = readSeals(file())
      const ids = [readKeyId(keyCheck), readKeyId(auditKey), ...devices.keys()]
      return { ids, isChanging }
    }
    const [a, b] = [old.keyId, next.keyId]
    expect(see()).toEqual({ ids: [a, a, a], isChanging: false })
    begin()
    expect(see()).toEqual({ ids: [b, b, a], isChanging: true })
    const { store, close } = openFile(scratch('a.db'), { vault: both() })
    await store.transact(ALICE, always(RESEAL))
    close()
    expect(see()).toEqual({ ids: [b, b, b], isChanging: true })
    endKeyChange(file(), next, TERMS)
    expect(see()).toEqual({ ids: [b, b, b], isChanging: false })
  })

  test('keeps its audit log, which has a row of the beginning and one of the end', async () => {
    const before = openFile(scratch('a.db'))
    await before.store.transact(ALICE, always(audit()))
    begin()
    // Of a program that has the log open since before.
    await before.store.transact(ALICE, always(audit()))
    before.close()
    const { store, close } = openFile(scratch('a.db'), { vault: both() })
    await store.transact(ALICE, always(RESEAL))
    close()
    endKeyChange(file(), next, TERMS)
    const after = openFile(scratch('a.db'), { vault: next })
    expect(await after.journal.verify()).toEqual({ rows: 4, problem: undefined })
    const rows = await after.journal.read({}, 0, 10)
    expect(rows.map(({ action }) => action)).toEqual(['login', 'key-rotate', 'login', 'key-rotate'])
    after.close()
  })

  test('opens with the old key no more, and with both', () => {
    begin()
    expect(errorCodeOf(() => openFile(scratch('a.db'), { vault: old }))).toBe('ERR_KEY_WRONG')
    openFile(scratch('a.db'), { vault: both() }).close()
  })

  test('is not at its end while a secret needs the old key, and nothing is recorded then', () => {
    begin()
    expect(errorCodeOf(() => endKeyChange(file(), next, TERMS))).toBe('ERR_REFUSED')
    expect(readSeals(file()).isChanging).toBe(true)
  })

  test('takes no secret from a program that was there before the beginning', async () => {
    const before = openFile(scratch('a.db'))
    begin()
    const late = [
      { kind: 'add-device', device: sampleButton({ keyId: old.keyId }) },
      { ...RESEAL, keyId: old.keyId },
    ] as const
    for (const change of late) {
      await expect(before.store.transact(ALICE, always(change))).rejects.toMatchObject({
        code: 'ERR_KEY_WRONG',
      })
    }
    // Logins and all else go on.
    const mark = { kind: 'accept-step', deviceId: DEVICE.id, step: 9, at: at(1) } as const
    await before.store.transact(ALICE, always(mark))
    before.close()
    expect([...readSeals(file()).devices]).toEqual([[old.keyId, 1]])
  })

  test('takes secrets from whoever has opened it since', async () => {
    begin()
    const since = openFile(scratch('a.db'), { vault: both() })
    const device = sampleButton({ keyId: next.keyId })
    await since.store.transact(ALICE, always({ kind: 'add-device', device }))
    since.close()
    expect(readSeals(file()).devices.get(next.keyId)).toBe(1)
  })
})
