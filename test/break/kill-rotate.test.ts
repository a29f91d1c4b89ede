import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { addManyPeople } from '../support/many-people.ts'
import {
  COMMAND_LINE,
  DIRECT_VERIFIER,
  type Otpgate,
  type OtpgateHost,
  openOtpgateHost,
} from '../support/otpgate-host.ts'
import { runProgram } from '../support/run-program.ts'
import type { DiskCall } from './disk-call.ts'
import { layOutDisk } from './surviving-disk.ts'
import { thinOut } from './thin-out.ts'
import { chooseKillPoints, runKilled, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of kills', ['strace'])

/** Two pieces of a hundred, and somebody who logs in. */
const PEOPLE = 120
const LONG_MILLISECONDS = 600_000

/** What a kill has left: which of the steps are done. */
interface Left {
  readonly hasNext: boolean
  readonly isBegun: boolean
  /** Secrets of another key than new ones are sealed with. */
  readonly others: number
  readonly isUnfinished: boolean
}

describe.skipIf(!canTrace())('key rotate, killed at any write, sync or rename', () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test(
    'denies nobody, and the next run finishes',
    async () => {
      const { otpgate, directory, user, app } = await prepare(host)
      const before = mkdtempSync(join(host.secretDirectory, 'before-'))
      cpSync(directory, before, { recursive: true })
      const argv = [COMMAND_LINE, '--config', otpgate.configFile, 'key', 'rotate', '--yes']
      const points = chooseKillPoints((await runTraced({ argv }, directory)).calls)
      expect(points.length).toBeGreaterThan(30)
      expect(points.map(({ name }) => name)).toContain('rename')
      const seen: Left[] = []
      for (const point of thinOut(points, isTurn)) {
        const where = `killed at ${point.name} number ${point.nth}`
        for (const name of readdirSync(directory))
          rmSync(join(directory, name), { recursive: true })
        cpSync(before, directory, { recursive: true })
        await runKilled({ argv }, point)
        expect(await logIn(otpgate, user, codeOf(app)), where).toBe(0)
        const left = await look(otpgate, where)
        seen.push(left)
        await finish(otpgate, left, where)
        expect(await logIn(otpgate, user, codeOf(app, 1)), where).toBe(0)
      }
      // Each state was met that wire-rotate.ts draws, but for the one that lasts from a commit to a link.
      const met = (is: (left: Left) => boolean) => seen.some(is)
      expect(met(({ hasNext, isUnfinished }) => !hasNext && !isUnfinished)).toBe(true)
      expect(met(({ hasNext, isBegun }) => hasNext && !isBegun)).toBe(true)
      expect(met(({ isBegun, others }) => isBegun && others > PEOPLE)).toBe(true)
      expect(met(({ isBegun, others }) => isBegun && others > 0 && others < PEOPLE)).toBe(true)
      expect(met(({ isBegun, others }) => isBegun && others === 0)).toBe(true)
    },
    LONG_MILLISECONDS,
  )

  test(
    'loses no key by a power loss either, that takes all which was not synced by then',
    async () => {
      const { otpgate, directory, user, app } = await prepare(host)
      const before = mkdtempSync(join(host.secretDirectory, 'before-'))
      cpSync(directory, before, { recursive: true })
      const argv = [COMMAND_LINE, '--config', otpgate.configFile, 'key', 'rotate', '--yes']
      const { calls } = await runTraced({ argv }, directory)
      const turns = [...calls.entries()].filter(([, call]) => isTurn(call))
      expect(turns.length).toBeGreaterThan(8)
      for (const [index, { name, nth }] of turns) {
        // The call itself has come to pass, and nothing behind it.
        const effects = calls.slice(0, index + 1).map(({ effect }) => effect)
        const where = `power lost after ${name} number ${nth}`
        layOutDisk(directory, before, effects, () => false)
        expect(await logIn(otpgate, user, codeOf(app)), where).toBe(0)
        await finish(otpgate, await look(otpgate, where), where)
      }
    },
    LONG_MILLISECONDS,
  )
})

/** Each commit, link and rename, where one state ends. */
function isTurn({ name, effect }: DiskCall): boolean {
  if (effect.kind === 'link' || effect.kind === 'rename') return true
  return name === 'fsync' && effect.kind === 'sync' && effect.file.endsWith('-wal')
}

async function prepare(host: OtpgateHost) {
  const otpgate = await host.install()
  const user = host.addUser()
  const { app } = await enrollPerson(otpgate, user)
  await addManyPeople(otpgate, PEOPLE)
  return { otpgate, directory: dirname(otpgate.configFile), user: user.name, app }
}

async function logIn({ configFile }: Otpgate, user: string, code: string) {
  const env = {
    ...BEHIND_A_KEY,
    ...{ PAM_USER: user, PAM_SERVICE: 'sshd', PAM_TTY: 'ssh', PAM_TYPE: 'auth' },
  }
  const input = code
  return (await runProgram(DIRECT_VERIFIER, ['--config', configFile], { env, input })).status
}

/** That all opens, and that whoever looks is told what to type where something is left to do. */
async function look(otpgate: Otpgate, where: string): Promise<Left> {
  const { status, stderr } = await otpgate.run(['key', 'check'])
  expect(status, `${where}: ${stderr}`).toBe(0)
  const view = JSON.parse(await otpgate.require(['key', 'check', '--json']))
  expect(view, where).toMatchObject({ unopened: [], secrets: PEOPLE + 1 })
  if (view.unfinished) expect(stderr, where).toContain('otpgate key rotate')
  return {
    hasNext: view.next !== null,
    isBegun: view.database_key_id !== view.key_id,
    others: view.secrets_of_other_keys,
    isUnfinished: view.unfinished,
  }
}

/** By the next run, unless there is nothing to finish. */
async function finish(otpgate: Otpgate, { hasNext, isBegun }: Left, where: string): Promise<void> {
  const directory = dirname(otpgate.configFile)
  if (hasNext) {
    const done = JSON.parse(await otpgate.require(['key', 'rotate', '--yes', '--json']))
    expect(done.resumed, where).toBe(isBegun)
    expect(existsSync(done.old_file), where).toBe(true)
  }
  const view = JSON.parse(await otpgate.require(['key', 'check', '--json']))
  expect(view, where).toMatchObject({ next: null, unopened: [], secrets_of_other_keys: 0 })
  expect(view, where).toMatchObject({ unfinished: false, database_key_id: view.key_id })
  expect(readdirSync(directory).filter((name) => name.endsWith('.next'))).toEqual([])
  await otpgate.require(['audit', 'verify'])
  const rows: { action: string; reason: string }[] = JSON.parse(
    await otpgate.require(['audit', '--json']),
  )
  const reasons = rows.filter(({ action }) => action === 'key-rotate').map(({ reason }) => reason)
  const expected = hasNext || reasons.length > 0 ? ['begun', 'finished'] : []
  expect(
    reasons.map((reason) => reason.split(',')[0]),
    where,
  ).toEqual(expected)
}
