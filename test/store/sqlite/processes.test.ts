import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, CREATE, sampleDevice } from '../sample.ts'
import { initFile, openFile, saveInFile } from './sqlite-file.ts'
import type { Order } from './writer-process.ts'

const scratch = useScratchDirectory()
const WRITER = fileURLToPath(new URL('writer-process.ts', import.meta.url))
const PROCESSES = 4
const TIMES = 25
const LONG_MILLISECONDS = 60_000

let children: ChildProcess[] = []

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
})

/** Has several processes carry out the order at the same time; all their answers. */
async function runTogether(job: Order['job'], deviceId: string): Promise<readonly unknown[]> {
  children = Array.from({ length: PROCESSES }, () => fork(WRITER, { execArgv: [] }))
  await Promise.all(children.map((child) => once(child, 'message')))
  const answers = children.map((child) => once(child, 'message'))
  const order: Order = { path: scratch('a.db'), job, deviceId, times: TIMES }
  for (const child of children) child.send(order)
  // With each message comes a handle, of which there is none here.
  return (await Promise.all(answers)).flatMap(([message]) => message)
}

async function findAlice() {
  const { register, close } = openFile(scratch('a.db'))
  const state = await register.find(ALICE)
  close()
  return state
}

test(
  'of a hundred uses of one code, by several processes at once, exactly one succeeds',
  async () => {
    const device = sampleDevice({ lastAcceptedStep: 6 })
    initFile(scratch('a.db'))
    await saveInFile(scratch('a.db'), CREATE, { kind: 'add-device', device })
    const answers = await runTogether('accept', device.id)
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'ERR_STORE_FAILED')).toHaveLength(
      PROCESSES * TIMES - 1,
    )
    expect(await findAlice()).toMatchObject({ devices: [{ lastAcceptedStep: 7 }] })
  },
  LONG_MILLISECONDS,
)

test(
  'of a hundred failures counted by several processes at once none is lost',
  async () => {
    initFile(scratch('a.db'))
    await saveInFile(scratch('a.db'), CREATE)
    const answers = await runTogether('count', '')
    expect(answers).toEqual(Array(PROCESSES * TIMES).fill('done'))
    expect(await findAlice()).toMatchObject({
      account: { throttle: { code: { consecutiveFailures: PROCESSES * TIMES } } },
    })
  },
  LONG_MILLISECONDS,
)

test(
  'of a hundred steps of several processes at once none sees one of a later time',
  async () => {
    initFile(scratch('a.db'))
    await saveInFile(scratch('a.db'), CREATE)
    const answers = await runTogether('stamp', '')
    expect(answers).toEqual(Array(PROCESSES * TIMES).fill('done'))
  },
  LONG_MILLISECONDS,
)
