import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import {
  COMMAND_LINE,
  type Otpgate,
  type OtpgateHost,
  openOtpgateHost,
} from '../support/otpgate-host.ts'
import type { DiskCall } from './disk-call.ts'
import { type KeptState, readKeptState } from './kept-state.ts'
import { thinOut } from './thin-out.ts'
import { chooseKillPoints, runKilled, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of kills', ['strace'])
const LONG_MILLISECONDS = 400_000
/** How many of the others; OTPGATE_TEST_ROUNDS=100 strikes at each. */
const ROUNDS = Number(process.env.OTPGATE_TEST_ROUNDS ?? 10)

describe.skipIf(!canTrace())('restore, killed at any write or sync', () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test(
    'leaves the present or the backup, whole, and the next run finishes',
    async () => {
      const { otpgate, user, directory } = await prepare(host)
      const seen = await strikeAll(host, otpgate, async (where) => {
        const state = await readKeptState(directory, user)
        // Since the backup there was a reset, of which a restored database knows nothing.
        const isNew = state.override === undefined
        expect(state, where).toMatchObject(isNew ? BACKUP : PRESENT)
        return isNew ? 'new' : 'old'
      })
      expect([...seen].toSorted()).toEqual(['new', 'old'])
      expect(await readKeptState(directory, user)).toMatchObject(BACKUP)
    },
    LONG_MILLISECONDS,
  )

  test(
    'leaves what was damaged under one name or the other, and the next run finishes',
    async () => {
      const { otpgate, user, directory } = await prepare(host)
      writeFileSync(otpgate.databaseFile, 'damaged')
      writeFileSync(`${otpgate.databaseFile}-wal`, 'a log of another file')
      const seen = await strikeAll(host, otpgate, async (where) => {
        const data = dirname(otpgate.databaseFile)
        const copies = readdirSync(data).filter((name) => name.includes('.replaced-'))
        if (!existsSync(otpgate.databaseFile)) {
          expect(copies, where).not.toEqual([])
          return 'gone'
        }
        const { status } = await otpgate.run(['list'])
        if (status !== 0) return 'old'
        expect(await readKeptState(directory, user), where).toMatchObject(BACKUP)
        return 'new'
      })
      expect([...seen].toSorted()).toEqual(['gone', 'new', 'old'])
      expect(await readKeptState(directory, user)).toMatchObject(BACKUP)
    },
    LONG_MILLISECONDS,
  )

  test(
    'brings back no code that a strange database knows to be used, whichever file it is in by then',
    async () => {
      const { otpgate, user, directory } = await prepare(host, 'keep')
      const before = await readKeptState(directory, user)
      expect(before.recoveryCodes).toBeGreaterThan(0)
      tamper(otpgate.databaseFile, (db) =>
        db.exec('UPDATE one_time_code SET uses_left = 0; CREATE TABLE extra (a)'),
      )
      const seen = await strikeAll(host, otpgate, async (where) => {
        if (!existsSync(otpgate.databaseFile)) return 'gone'
        expect(await readKeptState(directory, user), where).toMatchObject({ recoveryCodes: 0 })
        return isStrange(otpgate.databaseFile) ? 'old' : 'new'
      })
      expect([...seen].toSorted()).toEqual(['gone', 'new', 'old'])
      expect(isStrange(otpgate.databaseFile)).toBe(false)
    },
    LONG_MILLISECONDS,
  )
})

/** On both sides of each link and rename: a file has another name from then on, or one name more. */
function findTurns(points: readonly DiskCall[]): ReadonlySet<DiskCall | undefined> {
  const isNaming = ({ effect }: DiskCall) => effect.kind === 'link' || effect.kind === 'rename'
  return new Set(
    points.flatMap((point, index) => (isNaming(point) ? [point, points[index + 1]] : [])),
  )
}

function isStrange(path: string): boolean {
  let tables: readonly unknown[] = []
  tamper(path, (db) => {
    tables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").all()
  })
  return tables.length > 0
}

const PRESENT: Partial<KeptState> = { override: 'must-enroll', devices: [] }
const BACKUP: Partial<KeptState> = {
  override: undefined,
  devices: ['confirmed: false, used: true'],
}

/** A person who was reset after the backup was made, unless they are to be kept as they were. */
async function prepare(host: OtpgateHost, then: 'reset' | 'keep' = 'reset') {
  const otpgate = await host.install()
  const user = host.addUser()
  await enrollPerson(otpgate, user)
  await otpgate.require(['recovery', 'new', user.name, '--yes'])
  await otpgate.require(['backup', backupOf(otpgate)])
  if (then === 'reset') await otpgate.require(['reset', user.name, '--yes'])
  return { otpgate, user: user.name, directory: dirname(otpgate.configFile) }
}

function backupOf({ configFile }: Otpgate): string {
  return join(dirname(configFile), 'backup')
}

/** Ends restore at each point, looks, and runs it again; what `look` has found. */
async function strikeAll(
  host: OtpgateHost,
  otpgate: Otpgate,
  look: (where: string) => Promise<string>,
): Promise<ReadonlySet<string>> {
  const directory = dirname(otpgate.configFile)
  const before = mkdtempSync(join(host.secretDirectory, 'before-'))
  cpSync(directory, before, { recursive: true })
  const args = ['restore', backupOf(otpgate), '--yes']
  const command = { argv: [COMMAND_LINE, '--config', otpgate.configFile, ...args] }
  const points = chooseKillPoints((await runTraced(command, directory)).calls)
  expect(points.length).toBeGreaterThan(20)
  const seen = new Set<string>()
  const turns = findTurns(points)
  for (const point of thinOut(points, (each) => turns.has(each), ROUNDS)) {
    const where = `killed at ${point.name} number ${point.nth}`
    for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true })
    cpSync(before, directory, { recursive: true })
    await runKilled(command, point)
    seen.add(await look(where))
    const again = await otpgate.run(args)
    expect(again, where).toMatchObject({ status: 0 })
    await look(`${where}, and run again`)
    const rows = JSON.parse(await otpgate.require(['audit', '--json']))
    expect(rows.at(-1), where).toMatchObject({ action: 'restore', outcome: 'done' })
    await otpgate.require(['audit', 'verify'])
  }
  return seen
}
