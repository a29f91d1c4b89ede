import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { findProcessesNaming } from '../support/process-tree.ts'
import { openSetupWorld, type SetupWorld } from '../support/setup-world.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import { type SetupStrike, strikeSetup, traceSetup } from './setup-strike.ts'
import { thinOut } from './thin-out.ts'

const PASSWORD = 'correct horse 1'
const PATIENCE_MS = 30_000
const POLL_MS = 300
const LONG_MS = 600_000
/** How many of the others; OTPGATE_TEST_ROUNDS=100 stops at each. */
const ROUNDS = Number(process.env.OTPGATE_TEST_ROUNDS ?? 1)
const REVERT = ['revert', '--yes']
const canTrace = () =>
  canRunEndToEnd() && canRunWith('tests of stops', ['strace', 'unshare', 'nsenter'])

describe.skipIf(!canTrace())('setup ssh, stopped at any of its changes', () => {
  let world: SetupWorld
  let keysOnly: string

  beforeAll(async () => {
    world = await openSetupWorld()
    keysOnly = world.host.own('/etc/ssh/sshd_config.d/50-keys-only.conf')
    writeFileSync(keysOnly, 'PasswordAuthentication no\n')
    await reload(world)
  })

  afterAll(() => world?.host.close())

  test(
    'lets nobody in by a password alone, on the way in and on the way back',
    async () => {
      const { host, sshd, admin } = world
      const install = ['ssh', '--as', admin.name, '--yes', '--timeout', '1h']
      const wish = [...install, '--recipe', 'password+code']
      const user = host.addUser({ password: PASSWORD })
      const logIn = () =>
        loginWithSsh(sshd, { user: user.name, password: PASSWORD, answers: [PASSWORD] })
      expect(await logIn()).toMatchObject({ ok: false })
      const waysIn = (await traceSetup(host, wish)).filter(isTurn)
      const waysBack = (await traceSetup(host, REVERT)).filter(isTurn)
      expect([waysIn.length > 3, waysBack.length > 2]).toEqual([true, true])
      for (const strike of thinOut(waysIn, isDecisive, ROUNDS)) {
        await whileStopped(world, wish, strike, async (where) => {
          expect(await logIn(), where).toMatchObject({ ok: false })
        })
        await host.setup(REVERT)
        await world.untilNobodyWatches()
      }
      for (const strike of thinOut(waysBack, isDecisive, ROUNDS)) {
        await host.setup(wish)
        await whileStopped(world, REVERT, strike, async (where) => {
          expect(await logIn(), where).toMatchObject({ ok: false })
        })
        await host.setup(REVERT)
        await world.untilNobodyWatches()
      }
      rmSync(keysOnly)
      await reload(world)
      await world.assertAsBefore()
    },
    LONG_MS,
  )
})

/** sshd begins anew, answers nobody for a moment, and then says that it listens. */
async function reload({ sshd }: SetupWorld): Promise<void> {
  const before = countStarts(sshd)
  process.kill(sshd.pid, 'SIGHUP')
  await vi.waitFor(() => expect(countStarts(sshd)).toBe(before + 1), { timeout: PATIENCE_MS })
}

function countStarts(sshd: PrivateSshd): number {
  return sshd.readLog().match(/Server listening on /g)?.length ?? 0
}

/** A file of sshd or PAM has come, or is gone. */
function isTurn({ call, about }: SetupStrike): boolean {
  return (call === 'rename' || call === 'unlink') && about.startsWith('"/etc/')
}

/** What sshd demands changes there, or what PAM asks. */
function isDecisive({ about }: SetupStrike): boolean {
  return /\/(?:pam\.d\/sshd|00-otpgate\.conf)"[^"]*$/.test(about)
}

/** Runs it, and looks while it stands still at this point; then it goes on to its end. */
async function whileStopped(
  { host }: SetupWorld,
  args: readonly string[],
  strike: SetupStrike,
  look: (where: string) => Promise<void>,
): Promise<void> {
  const run = strikeSetup(host, args, strike, 'SIGSTOP')
  const stopped = await untilStopped(host.otpgate.configFile)
  try {
    await look(`stopped at ${strike.call} ${strike.about}`)
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
    await run
  }
}

async function untilStopped(configFile: string): Promise<readonly number[]> {
  let before: ReadonlyMap<number, string> = new Map()
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wait(POLL_MS)) {
    const stopped = findStopped(configFile)
    const still = [...stopped.keys()].filter((pid) => before.get(pid) === stopped.get(pid))
    if (still.length > 0) return still
    before = stopped
  }
  throw new Error('it does not come to this point')
}

/** What stands still now, and how often each of it has done so (proc_pid_status(5)). */
function findStopped(configFile: string): ReadonlyMap<number, string> {
  return new Map(
    findProcessesNaming(configFile).flatMap((pid): [number, string][] => {
      const [, stops] = STOPPED.exec(readStatus(pid)) ?? []
      return stops === undefined ? [] : [[pid, stops]]
    }),
  )
}

/** What is traced stands still at every call, if only for a moment: each time is counted. */
const STOPPED = /^State:\s+[Tt] .*^voluntary_ctxt_switches:\s+(\d+)$/ms

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1')
  } catch {
    return ''
  }
}
