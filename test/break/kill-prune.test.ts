import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditVerification } from '../../src/app/ports.ts'
import { addSeconds, DAY_SECONDS } from '../../src/base/time.ts'
import { NOBODY } from '../../src/domain/name.ts'
import { now } from '../../src/host/clock.ts'
import { openStorage } from '../../src/store/sqlite/storage.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { always, audit } from '../store/sample.ts'
import { fileOptions, tamper } from '../store/sqlite/sqlite-file.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import {
  COMMAND_LINE,
  type Otpgate,
  type OtpgateHost,
  openOtpgateHost,
} from '../support/otpgate-host.ts'
import { chooseKillPoints, runKilled, runTraced } from './traced-run.ts'

const canTrace = () => canRunEndToEnd() && canRunWith('tests of kills', ['strace'])

/** Three pieces of a thousand. */
const OLD_ROWS = 2100
const LONG_MILLISECONDS = 300_000

describe.skipIf(!canTrace())('maintain, killed at any write or sync', () => {
  let host: OtpgateHost

  beforeAll(() => {
    host = openOtpgateHost()
  })

  afterAll(() => host?.close())

  test(
    'leaves a log that verifies, and the next run goes on from there',
    async () => {
      const otpgate = await host.install()
      await fill(otpgate)
      const directory = dirname(otpgate.configFile)
      const before = mkdtempSync(join(host.secretDirectory, 'before-'))
      cpSync(directory, before, { recursive: true })
      const command = { argv: [COMMAND_LINE, '--config', otpgate.configFile, 'maintain', '--json'] }
      const points = chooseKillPoints((await runTraced(command, directory)).calls)
      expect(points.length).toBeGreaterThan(10)
      const seen = new Set<number>()
      for (const point of points) {
        const where = `killed at ${point.name} number ${point.nth}`
        restore(directory, before)
        await runKilled(command, point)
        const { pruned = 0, problem } = await verify(otpgate)
        expect(problem, where).toBeUndefined()
        seen.add(pruned)
        const rest = JSON.parse(await otpgate.require(['maintain', '--json']))
        expect(pruned + rest.pruned, where).toBe(OLD_ROWS)
        expect(await verify(otpgate), where).toMatchObject({ pruned: OLD_ROWS, problem: undefined })
      }
      expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1000, 2000, OLD_ROWS])
    },
    LONG_MILLISECONDS,
  )
})

function restore(directory: string, before: string): void {
  for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true })
  cpSync(before, directory, { recursive: true })
}

function open({ databaseFile, configFile }: Otpgate) {
  const vault = createVault(readFileSync(join(dirname(configFile), 'master.key')))
  return openStorage({ ...fileOptions(databaseFile), now, beforeCommit: () => {} }, vault)
}

/** Rows of years ago, and one of now behind them. */
async function fill(otpgate: Otpgate): Promise<void> {
  const { store, close } = open(otpgate)
  const old = audit({ at: addSeconds(now(), -1000 * DAY_SECONDS) })
  const rows = Array.from({ length: OLD_ROWS }, () => old)
  await store.transact(NOBODY, always(...rows, audit({ at: now() })))
  close()
}

/** Of what a crash left: pages, indexes and the chain. */
async function verify(otpgate: Otpgate): Promise<AuditVerification> {
  const { journal, close } = open(otpgate)
  const verification = await journal.verify()
  close()
  tamper(otpgate.databaseFile, (db) => {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  })
  return verification
}
