import { expect, test } from 'vitest'
import { narrowStore } from '../../src/app/own-store.ts'
import { AppError } from '../../src/base/errors.ts'
import { toAccountName } from '../support/account-fixture.ts'
import { ALICE_ENTRY, createTestPorts } from '../support/app-fixture.ts'

const CREATE = () =>
  ({
    changes: [{ kind: 'create-account', uid: ALICE_ENTRY.uid, at: createTestPorts().now() }],
    result: 'done',
  }) as const

test('a narrowed store changes the one account, while that may be', async () => {
  const { store, memory } = createTestPorts()
  const own = narrowStore(store, ALICE_ENTRY, () => {})
  expect(await own.transact(ALICE_ENTRY.name, CREATE)).toMatchObject({ result: 'done' })
  expect(memory.read(ALICE_ENTRY.name).kind).toBe('known')
})

test('a narrowed store changes no other account', async () => {
  const { store, memory } = createTestPorts()
  const own = narrowStore(store, ALICE_ENTRY, () => {})
  const bob = toAccountName('bob')
  await expect(own.transact(bob, CREATE)).rejects.toMatchObject({ code: 'ERR_NOT_PERMITTED' })
  expect(memory.read(bob).kind).toBe('never-known')
})

test('a narrowed store asks in each transaction whether it still may', async () => {
  const { store, memory } = createTestPorts()
  const own = narrowStore(store, ALICE_ENTRY, (state) => {
    if (state.kind === 'known') throw new AppError('ERR_REFUSED', 'not any more')
  })
  await own.transact(ALICE_ENTRY.name, CREATE)
  const before = memory.read(ALICE_ENTRY.name)
  await expect(own.transact(ALICE_ENTRY.name, CREATE)).rejects.toMatchObject({
    code: 'ERR_REFUSED',
  })
  expect(memory.read(ALICE_ENTRY.name)).toEqual(before)
})
