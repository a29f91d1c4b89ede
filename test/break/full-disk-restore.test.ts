import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { readKeptState } from './kept-state.ts'
import { chooseKillPoints, runOnFullDisk, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of full disks', ['strace'])
const KEPT = 'otpgate.db.replaced-1'

describe.skipIf(!canTrace())('restore on a disk that becomes full', { timeout: 400_000 }, () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test('says what it came to, and loses neither what was there nor what was restored', async () => {
    const { otpgate, user, directory } = await prepare()
    // A restored database knows nothing of it.
    await otpgate.require(['reset', user, '--yes'])
    await fillAll(directory, otpgate.configFile, async ({ status, kept, where }) => {
      const isNew = (await readKeptState(directory, user)).override === undefined
      expect({ status, kept }, where).toEqual(
        isNew ? { status: 0, kept: [KEPT] } : { status: 5, kept: [] },
      )
      return isNew ? 'new' : 'old'
    })
  })

  test('in the place of a strange database knows what that has used up', async () => {
    const { otpgate, user, directory } = await prepare()
    tamper(otpgate.databaseFile, (db) =>
      db.exec('UPDATE one_time_code SET uses_left = 0; CREATE TABLE extra (a)'),
    )
    await fillAll(directory, otpgate.configFile, async ({ status, kept, where }) => {
      const isNew = !isStrange(otpgate.databaseFile)
      expect({ status, kept }, where).toEqual(
        isNew ? { status: 0, kept: [KEPT] } : { status: 5, kept: [] },
      )
      if (isNew)
        expect(await readKeptState(directory, user), where).toMatchObject({ recoveryCodes: 0 })
      return isNew ? 'new' : 'old'
    })
  })

  /** A person with recovery codes, and a backup. */
  async function prepare() {
    const otpgate = await host.install()
    const directory = dirname(otpgate.configFile)
    const user = host.addUser()
    await enrollPerson(otpgate, user, { recovery: true })
    await otpgate.require(['backup', join(directory, 'backup')])
    return { otpgate, directory, user: user.name }
  }

  /** Restores on a disk that takes nothing more from some write on, and looks what came of it. */
  async function fillAll(
    directory: string,
    configFile: string,
    look: (found: {
      readonly status: number | undefined
      readonly kept: readonly string[]
      readonly where: string
    }) => Promise<string>,
  ): Promise<void> {
    const args = ['--config', configFile, 'restore', join(directory, 'backup'), '--yes']
    const command = { argv: [COMMAND_LINE, ...args] }
    const before = mkdtempSync(join(host.secretDirectory, 'before-'))
    cpSync(directory, before, { recursive: true })
    const points = chooseKillPoints((await runTraced(command, directory)).calls).filter(
      ({ name, effect }) =>
        name === 'pwrite64' && 'file' in effect && !effect.file.endsWith('-shm'),
    )
    const seen = new Set<string>()
    for (const point of points) {
      for (const entry of readdirSync(directory))
        rmSync(join(directory, entry), { recursive: true })
      cpSync(before, directory, { recursive: true })
      const { status } = await runOnFullDisk(command, point)
      const where = `full at ${point.name} number ${point.nth}`
      seen.add(await look({ status, kept: findKept(directory), where }))
    }
    expect([...seen].toSorted()).toContain('old')
  }
})

function findKept(directory: string): readonly string[] {
  return readdirSync(join(directory, 'data')).filter((name) => name.includes('.replaced-'))
}

function isStrange(path: string): boolean {
  expect(existsSync(path)).toBe(true)
  let tables: readonly unknown[] = []
  tamper(path, (db) => {
    tables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").all()
  })
  return tables.length > 0
}
