import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRaw } from '../store/sqlite/sqlite-file.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { CRASH_TITLES, type CrashCase, prepareCrash } from './crash-case.ts'
import type { DiskEffect, Outlet } from './disk-call.ts'
import { assertDone, judgeKeptState, readKeptState, type States } from './kept-state.ts'
import { type Luck, layOutDisk } from './surviving-disk.ts'
import { runTraced } from './traced-run.ts'

const SEEDS = [1, 2]

const canTrace = () => canRunEndToEnd() && canRunWith('tests of a power loss', ['strace'])

describe.skipIf(!canTrace())('after any of its writes', () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test.each(CRASH_TITLES)('%s survives a kill and a power loss', async (title) => {
    const crash = await prepareCrash(host, title)
    const { effects, states } = await record(crash)
    const found = new Set<string>()
    // It has answered before its end, so that there are crashes between the two.
    expect(hasAnswered(effects.slice(0, -1), crash.answersOn)).toBe(true)
    for (const count of [...effects.keys(), effects.length]) {
      for (const luck of lucksOf(count)) {
        found.add(await crashAfter(crash, effects.slice(0, count), luck, states))
      }
    }
    expect([...found]).toEqual(expect.arrayContaining(['old', 'new']))
  })

  test('a yes that was given is kept also where the log of writes is all there is', async () => {
    const crash = await prepareCrash(host, 'a login with a code')
    const other = openRaw(join(crash.directory, 'data', 'otpgate.db'))
    // As long as somebody reads, nothing is moved from the log to the database.
    other.prepare('SELECT * FROM meta').all()
    const { effects, states } = await record(crash).finally(() => other.close())
    const wal = effects.filter((effect) => 'file' in effect && effect.file.endsWith('otpgate.db'))
    expect(wal).toEqual([])
    for (const luck of lucksOf(0))
      expect(await crashAfter(crash, effects, luck, states)).toBe('new')
    // Without the syncs it would be lost: the simulation does see what a sync is for.
    const unsynced = effects.filter(({ kind }) => kind.startsWith('wri') || kind === 'create')
    expect(await crashAfter(crash, unsynced, () => false, states)).toBe('old')
  })

  test('init leaves a whole key and a whole database, or none', async () => {
    const otpgate = await host.install()
    const directory = dirname(otpgate.configFile)
    const before = mkdtempSync(join(host.secretDirectory, 'before-init-'))
    cpSync(otpgate.configFile, join(before, 'otpgate.toml'))
    layOutDisk(directory, before, [], () => true)
    const argv = [COMMAND_LINE, '--config', otpgate.configFile]
    const { result, calls } = await runTraced({ argv: [...argv, 'init'] }, directory)
    expect(result.status).toBe(0)
    const effects = calls.map(({ effect }) => effect)
    let complete = 0
    for (const count of [...effects.keys(), effects.length]) {
      for (const luck of lucksOf(count)) {
        layOutDisk(directory, before, effects.slice(0, count), luck)
        const [key, database] = ['master.key', 'data/otpgate.db'].map((name) =>
          join(directory, name),
        )
        if (existsSync(key ?? '')) expect(readFileSync(key ?? '')).toHaveLength(32)
        if (existsSync(database ?? '')) {
          complete++
          expect(await readKeptState(directory, 'nobody')).toMatchObject({ audit: [] })
        }
        if (hasAnswered(effects.slice(0, count), 'stdout'))
          expect(existsSync(database ?? '')).toBe(true)
      }
    }
    expect(complete).toBeGreaterThan(0)
  })
})

interface Recording {
  readonly effects: readonly DiskEffect[]
  readonly states: States
}

async function record(crash: CrashCase): Promise<Recording> {
  const old = await readKeptState(crash.before, crash.user)
  const { result, calls } = await runTraced(crash.command(), crash.directory)
  expect(result.status).toBe(0)
  const done = await readKeptState(crash.directory, crash.user)
  const states = { old, middle: crash.middle?.(old), new: done }
  assertDone(states, crash.done)
  return { effects: calls.map(({ effect }) => effect), states }
}

/** Opens what a crash leaves, and says which state it is; an answer given must not be undone. */
async function crashAfter(
  { directory, before, user, answersOn }: CrashCase,
  effects: readonly DiskEffect[],
  luck: Luck,
  states: States,
): Promise<keyof States> {
  layOutDisk(directory, before, effects, luck)
  const where = `crash after ${effects.length} calls`
  const found = judgeKeptState(await readKeptState(directory, user), states, where)
  if (hasAnswered(effects, answersOn)) expect(found, where).toBe('new')
  return found
}

/** The end of the process is an answer as well: its status. */
function hasAnswered(effects: readonly DiskEffect[], answersOn: Outlet): boolean {
  return effects.some(
    (effect) => effect.kind === 'end' || (effect.kind === 'words' && effect.to === answersOn),
  )
}

/** A kill, which loses nothing; a power loss that takes all it can; and some in between. */
function lucksOf(count: number): readonly Luck[] {
  return [() => true, () => false, ...SEEDS.map((seed) => randomLuck(seed * 1000 + count))]
}

/** The same throws for the same seed (a linear congruential generator: Numerical Recipes). */
function randomLuck(seed: number): Luck {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >= 0x8000_0000
  }
}
