import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { readKeptState } from './kept-state.ts'
import { chooseKillPoints, runOnFullDisk, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of full disks', ['strace'])

describe.skipIf(!canTrace())('restore on a disk that becomes full', { timeout: 400_000 }, () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test('says what it came to, and loses neither what was there nor what was restored', async () => {
    const { directory, user, command } = await prepare()
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
      // Since the backup there was a reset, of which a restored database knows nothing.
      const isNew = (await readKeptState(directory, user)).override === undefined
      const kept = findKept(directory)
      const where = `full at ${point.name} number ${point.nth}`
      expect({ status, kept }, where).toEqual(
        isNew ? { status: 0, kept: ['otpgate.db.replaced-1'] } : { status: 5, kept: [] },
      )
      seen.add(isNew ? 'new' : 'old')
    }
    expect([...seen].toSorted()).toEqual(['new', 'old'])
  })

  /** A person who was reset after the backup was made. */
  async function prepare() {
    const otpgate = await host.install()
    const directory = dirname(otpgate.configFile)
    const user = host.addUser()
    await enrollPerson(otpgate, user)
    const backup = join(directory, 'backup')
    await otpgate.require(['backup', backup])
    await otpgate.require(['reset', user.name, '--yes'])
    const args = ['--config', otpgate.configFile, 'restore', backup, '--yes']
    return { directory, user: user.name, command: { argv: [COMMAND_LINE, ...args] } }
  }
})

function findKept(directory: string): readonly string[] {
  return readdirSync(join(directory, 'data')).filter((name) => name.includes('.replaced-'))
}
