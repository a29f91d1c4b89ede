import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, type EnrolledPerson, enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { findProcessesNaming } from '../support/process-tree.ts'
import { openSetupHost, type SetupHost } from '../support/setup-host.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import { type SetupStrike, strikeSetup, traceSetup } from './setup-strike.ts'

const canTrace = () =>
  canRunEndToEnd() && canRunWith('tests of kills', ['strace', 'unshare', 'nsenter'])
const LONG_MILLISECONDS = 600_000
const PATIENCE_MS = 20_000
const STATE = '/var/lib/otpgate-setup'
const REVERT = ['revert', '--yes']

describe.skipIf(!canTrace())('setup ssh, killed at any write, rename or sync', () => {
  let host: SetupHost
  let sshd: PrivateSshd
  let alice: EnrolledPerson
  let before: ReadonlyMap<string, string>
  const install = () => ['ssh', '--as', alice.name, '--yes', '--timeout', '1h']

  beforeAll(async () => {
    host = await openSetupHost()
    sshd = await host.startSshd()
    alice = await enrollPerson(host.otpgate, host.addUser())
    await host.otpgate.require(['confirm', alice.name], `${codeOf(alice.app)}\n`)
    before = host.readFiles()
  })

  afterAll(() => host?.close())

  /** As it was, byte for byte, modes and owners too; and people log in as they did. */
  async function assertAsBefore(where: string): Promise<void> {
    expect(host.readFiles(), where).toEqual(before)
    const request = { user: alice.name, key: alice.key, command: 'id -un' }
    expect(await loginWithSsh(sshd, request), where).toMatchObject({ ok: true })
  }

  test(
    'goes back by itself once it has begun, and by setup revert where it had not',
    async () => {
      const strikes = await traceSetup(host, install())
      await host.setup(REVERT)
      await untilNobodyWatches(host)
      await assertAsBefore('a run that was not killed')
      expect(strikes.length).toBeGreaterThan(20)
      const ways = new Set<string>()
      for (const strike of strikes) {
        const where = `killed at ${nameOf(strike)}`
        rmSync(host.own(STATE), { recursive: true, force: true })
        const { status } = await strikeSetup(host, install(), strike)
        expect(status, where).toBeUndefined()
        ways.add(await goBack(host, where))
        await assertAsBefore(where)
      }
      expect([...ways].toSorted()).toEqual(['by hand', 'by itself', 'complete'])
    },
    LONG_MILLISECONDS,
  )

  test(
    'goes back also where the way back is killed',
    async () => {
      await host.setup(install())
      const strikes = await traceSetup(host, REVERT)
      expect(strikes.length).toBeGreaterThan(12)
      for (const strike of strikes) {
        const where = `the way back killed at ${nameOf(strike)}`
        await untilNobodyWatches(host)
        rmSync(host.own(STATE), { recursive: true, force: true })
        expect(await host.setup(install()), where).toMatchObject({ status: 0 })
        const { status } = await strikeSetup(host, REVERT, strike)
        expect(status, where).toBeUndefined()
        await goBack(host, where)
        await assertAsBefore(where)
      }
    },
    LONG_MILLISECONDS,
  )
})

/** `complete`: the last change was done by then, so that it stays while there is time. */
type Way = 'by itself' | 'by hand' | 'complete'

/** Waits for the watcher, where there is one; else an admin types what takes it back. */
async function goBack(host: SetupHost, where: string): Promise<Way> {
  const isComplete = readPhase(host) === 'awaiting-proof'
  const wasWatched = !isComplete && (await untilNobodyWatches(host))
  if (wasWatched && readPhase(host) === 'reverted') return 'by itself'
  expect(await host.setup(REVERT), where).toMatchObject({ status: 0 })
  await untilNobodyWatches(host)
  return isComplete ? 'complete' : 'by hand'
}

/** Whether anybody did. */
async function untilNobodyWatches(host: SetupHost): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS
  let wasWatched = false
  for (;;) {
    if (findWatchers(host).length === 0) return wasWatched
    wasWatched = true
    if (Date.now() > end) throw new Error(`the watcher goes on: ${readPhase(host)}`)
    await wait(50)
  }
}

function findWatchers({ otpgate }: SetupHost): readonly number[] {
  return findProcessesNaming(otpgate.configFile).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('setup\0watch')
    } catch {
      return false
    }
  })
}

function readPhase(host: SetupHost): string | undefined {
  const file = host.own(`${STATE}/journal.json`)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).phase : undefined
}

function nameOf({ call, nth, about }: SetupStrike): string {
  return `${call} number ${nth} (${about})`
}
