import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { type ProgramResult, runProgram } from '../support/run-program.ts'
import { CRASH_TITLES, type CrashCase, prepareCrash } from './crash-case.ts'
import type { DiskCall } from './disk-call.ts'
import { assertDone, judgeKeptState, readKeptState, type States } from './kept-state.ts'
import { thinOut } from './thin-out.ts'
import { type Command, chooseKillPoints, runKilled, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of kills', ['strace'])

describe.skipIf(!canTrace())('killed at any write or sync', () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test.each(CRASH_TITLES)('%s leaves all as it was, or all done', async (title) => {
    const crash = await prepareCrash(host, title)
    const { calls, states } = await runWhole(crash)
    const points = chooseKillPoints(calls)
    const found: string[] = []
    for (const point of thinOut(points, isTurn)) found.push(await strike(crash, point, states))
    // What is worth striking at was struck at, on both sides of the commit.
    expect(points.length).toBeGreaterThan(10)
    expect(found).toContain('old')
    expect(found).toContain('new')
    if (crash.middle !== undefined) expect(found).toContain('middle')
  })

  test('init can be run again, and ends with one key and one database', async () => {
    const { configFile } = await host.install()
    const directory = dirname(configFile)
    const command = { argv: [COMMAND_LINE, '--config', configFile, 'init'] }
    const empty = () => {
      rmSync(join(directory, 'data'), { recursive: true, force: true })
      rmSync(join(directory, 'master.key'), { force: true })
    }
    empty()
    const points = chooseKillPoints((await runTraced(command, directory)).calls)
    expect(points.length).toBeGreaterThan(20)
    for (const point of thinOut(points, isTurn)) {
      const where = `killed at ${point.name} number ${point.nth}`
      empty()
      const { status } = await runKilled(command, point)
      if (isSure(point)) expect(status, where).not.toBe(0)
      expect((await run(command)).status, where).toBe(0)
      expect(await readKeptState(directory, 'nobody'), where).toMatchObject({ audit: [] })
    }
  })
})

/** Undisturbed once: what it does to the disk, and what is kept before and after. */
async function runWhole(crash: CrashCase): Promise<{ calls: readonly DiskCall[]; states: States }> {
  const old = await readKeptState(crash.directory, crash.user)
  const { result, calls } = await runTraced(crash.command(), crash.directory)
  expect(result).toMatchObject({ status: 0 })
  const done = await readKeptState(crash.directory, crash.user)
  const states = { old, middle: crash.middle?.(old), new: done }
  assertDone(states, crash.done)
  return { calls, states }
}

/** One kill, and whether it found the person old, in the middle or new. */
async function strike(crash: CrashCase, point: DiskCall, states: States): Promise<keyof States> {
  const where = `killed at ${point.name} number ${point.nth}`
  crash.restore()
  const killed = await runKilled(crash.command(), point)
  if (isSure(point)) expect(killed.status, `${where}, and yet a yes`).not.toBe(0)
  // A copy is looked at: what was left has to be what the next command finds.
  const copy = `${crash.before}-left`
  rmSync(copy, { recursive: true, force: true })
  cpSync(crash.directory, copy, { recursive: true })
  const found = judgeKeptState(await readKeptState(copy, crash.user), states, where)
  if (killed.status === 0) expect(found, `a yes without its record, ${where}`).toBe('new')
  const next = await run(crash.next())
  const { nextStatus } = crash
  expect(next.status, where).toBe(found === 'new' ? nextStatus.new : nextStatus.old)
  await readKeptState(crash.directory, crash.user)
  return found
}

/** What came before it is on disk, or has its name, once it is done. */
function isTurn({ effect }: DiskCall): boolean {
  return effect.kind === 'sync' || effect.kind === 'link' || effect.kind === 'rename'
}

/** Threads wake each other by write(2), so how many come before one differs from run to run. */
function isSure({ name }: DiskCall): boolean {
  return name !== 'write'
}

function run({ argv: [program = '', ...args], ...options }: Command): Promise<ProgramResult> {
  return runProgram(program, args, options)
}
