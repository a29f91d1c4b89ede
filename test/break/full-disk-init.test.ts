import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE, type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import { chooseKillPoints, runOnFullDisk, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of full disks', ['strace'])

describe.skipIf(!canTrace())('init on a disk that becomes full', { timeout: 400_000 }, () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test('makes a whole database, or none and says so', async () => {
    const otpgate = await host.install()
    const { databaseFile, configFile } = otpgate
    const command = { argv: [COMMAND_LINE, '--config', configFile, 'init', '--new-database'] }
    rmSync(databaseFile)
    const points = chooseKillPoints((await runTraced(command, dirname(configFile))).calls).filter(
      ({ name, effect }) =>
        name === 'pwrite64' && 'file' in effect && !effect.file.endsWith('-shm'),
    )
    expect(points.length).toBeGreaterThan(1)
    for (const point of points) {
      rmSync(databaseFile)
      const where = `full at ${point.name} number ${point.nth}`
      const { status } = await runOnFullDisk(command, point)
      const isThere = existsSync(databaseFile)
      expect({ status, isThere }, where).toEqual({ status: 5, isThere: false })
      expect(await otpgate.run(['init', '--new-database']), where).toMatchObject({ status: 0 })
      await otpgate.require(['list'])
    }
  })
})
