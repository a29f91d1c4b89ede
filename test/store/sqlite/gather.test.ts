import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gather } from '../../../src/store/sqlite/gather.ts'

/** A gathering whose clock stands unless it is moved, and the batches that left it. */
function openGathering(quietTurns = 2) {
  const batches: number[][] = []
  let time = 0
  const limit = { longestMilliseconds: 4, quietTurns, elapsed: () => time }
  const add = gather<number>((items) => batches.push([...items]), limit)
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { add, batches, pass }
}

test('one item goes after the quiet turns, with no time gone by', async () => {
  const { add, batches } = openGathering()
  add(1)
  await turn()
  expect(batches).toEqual([])
  for (let count = 0; count < 3; count++) await turn()
  expect(batches).toEqual([[1]])
})

test('items that keep arriving go together', async () => {
  const { add, batches } = openGathering()
  for (const item of [1, 2, 3, 4]) {
    add(item)
    await turn()
  }
  expect(batches).toEqual([])
  for (let count = 0; count < 3; count++) await turn()
  expect(batches).toEqual([[1, 2, 3, 4]])
})

test('no item waits longer than the longest time, however many keep arriving', async () => {
  const { add, batches, pass } = openGathering()
  for (const item of [1, 2, 3, 4, 5]) {
    add(item)
    await turn()
    pass(2)
  }
  expect(batches[0]?.length).toBeLessThanOrEqual(3)
})

test('what comes later is a batch of its own', async () => {
  const { add, batches } = openGathering(1)
  add(1)
  for (let count = 0; count < 4; count++) await turn()
  add(2)
  for (let count = 0; count < 4; count++) await turn()
  expect(batches).toEqual([[1], [2]])
})

test('without a limit a batch is what one turn of the event loop brings', async () => {
  const batches: number[][] = []
  const add = gather<number>((items) => batches.push([...items]))
  add(1)
  add(2)
  await turn()
  add(3)
  await turn()
  expect(batches).toEqual([[1, 2], [3]])
})
