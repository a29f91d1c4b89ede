import { describe, expect, test } from 'vitest'
import { checkSecrets } from '../../src/app/check-secrets.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import type { Store } from '../../src/app/ports.ts'
import { resealSecrets } from '../../src/app/reseal-secrets.ts'
import { AppError } from '../../src/base/errors.ts'
import { toStoredName } from '../../src/domain/name.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { ALICE_UID } from '../support/account-fixture.ts'
import { buildEnrollInput, createTestPorts } from '../support/app-fixture.ts'

const OLD_KEY = Buffer.alloc(32, 1)
const NEXT_KEY = Buffer.alloc(32, 2)
const nobodyWaits = async () => {}

/** So many people with a device each, sealed by the old key; a vault that seals by the next one. */
async function prepare(people: number) {
  const ports = createTestPorts()
  const secrets: Buffer[] = []
  for (let index = 0; index < people; index++) {
    const name = toStoredName(`p${String(index).padStart(4, '0')}`)
    const input = buildEnrollInput({ entry: { name, uid: ALICE_UID } })
    secrets.push((await enrollDevice(ports, input)).secret)
  }
  const next = createVault(NEXT_KEY)
  const vault = createVault(OLD_KEY, () => [Buffer.from(NEXT_KEY)]).sealingWith(next.keyId)
  return { ports: { ...ports, vault, pause: nobodyWaits }, next, people }
}

describe('sealing every secret anew', () => {
  test('leaves none that needs the old key, and tells how far it is', async () => {
    const { ports, next } = await prepare(250)
    const seen: number[] = []
    let pauses = 0
    const pause = async () => void pauses++
    expect(await resealSecrets({ ...ports, pause }, (done) => seen.push(done))).toBe(250)
    expect(seen).toEqual([100, 200, 250])
    expect(pauses).toBe(2)
    expect(await checkSecrets(ports.register, next)).toEqual({ secrets: 250, unopened: [] })
  })

  test('goes on where a run before it has ended, and touches no one else', async () => {
    const { ports, next } = await prepare(250)
    const stop = async () => {
      throw new Error('ended')
    }
    await expect(resealSecrets({ ...ports, pause: stop }, () => {})).rejects.toThrow('ended')
    expect((await checkSecrets(ports.register, next)).unopened).toHaveLength(150)
    const asked: string[] = []
    const store: Store = {
      transact: (name, step) => {
        asked.push(name)
        return ports.store.transact(name, step)
      },
    }
    expect(await resealSecrets({ ...ports, store }, () => {})).toBe(150)
    expect(asked).toHaveLength(150)
    expect(await resealSecrets({ ...ports, store }, () => {})).toBe(0)
    expect(asked).toHaveLength(150)
    expect((await checkSecrets(ports.register, next)).unopened).toEqual([])
  })

  test('ends with the error of one that fails, when the others of its transaction are through', async () => {
    const { ports } = await prepare(3)
    let through = 0
    const store: Store = {
      async transact(name, step) {
        if (name === 'p0001') throw new AppError('ERR_SEALED_INVALID', 'it was changed')
        const committed = await ports.store.transact(name, step)
        through++
        return committed
      },
    }
    const failed = resealSecrets({ ...ports, store }, () => {})
    await expect(failed).rejects.toMatchObject({ code: 'ERR_SEALED_INVALID' })
    expect(through).toBe(2)
  })

  test('passes over whoever was removed meanwhile', async () => {
    const { ports } = await prepare(2)
    const gone = toStoredName('p0001')
    const store: Store = {
      transact: (name, step) => {
        ports.memory.write(gone, { kind: 'never-known', tickets: [] })
        return ports.store.transact(name, step)
      },
    }
    expect(await resealSecrets({ ...ports, store }, () => {})).toBe(1)
  })
})
