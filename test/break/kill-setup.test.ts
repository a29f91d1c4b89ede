import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { openSetupWorld, SETUP_STATE, type SetupWorld } from '../support/setup-world.ts'
import { type SetupStrike, strikeSetup, traceSetup } from './setup-strike.ts'
import { thinOut } from './thin-out.ts'

const canTrace = () =>
  canRunEndToEnd() && canRunWith('tests of kills', ['strace', 'unshare', 'nsenter'])
const LONG_MILLISECONDS = 600_000
const REVERT = ['revert', '--yes']

describe.skipIf(!canTrace())('setup ssh, killed at any write, rename or sync', () => {
  let world: SetupWorld
  const install = () => ['ssh', '--as', world.admin.name, '--yes', '--timeout', '1h']

  beforeAll(async () => {
    world = await openSetupWorld()
  })

  afterAll(() => world?.host.close())

  test(
    'goes back by itself once it has begun, and by setup revert where it had not',
    async () => {
      const { host } = world
      const strikes = await traceSetup(host, install())
      await host.setup(REVERT)
      await world.untilNobodyWatches()
      await world.assertAsBefore('a run that was not killed')
      expect(strikes.length).toBeGreaterThan(20)
      const ways = new Set<string>()
      for (const strike of thinOut(strikes, isTurn)) {
        const where = `killed at ${nameOf(strike)}`
        rmSync(host.own(SETUP_STATE), { recursive: true, force: true })
        const { status } = await strikeSetup(host, install(), strike)
        expect(status, where).toBeUndefined()
        ways.add(await goBack(world, where))
        await world.assertAsBefore(where)
      }
      expect([...ways].toSorted()).toEqual(['by hand', 'by itself', 'complete'])
    },
    LONG_MILLISECONDS,
  )

  test(
    'goes back also where the way back is killed',
    async () => {
      const { host } = world
      await host.setup(install())
      const strikes = await traceSetup(host, REVERT)
      await world.untilNobodyWatches()
      expect(strikes.length).toBeGreaterThan(12)
      for (const strike of thinOut(strikes, isTurn)) {
        const where = `the way back killed at ${nameOf(strike)}`
        rmSync(host.own(SETUP_STATE), { recursive: true, force: true })
        expect(await host.setup(install()), where).toMatchObject({ status: 0 })
        const { status } = await strikeSetup(host, REVERT, strike)
        expect(status, where).toBeUndefined()
        await goBack(world, where)
        await world.assertAsBefore(where)
      }
    },
    LONG_MILLISECONDS,
  )
})

/** `complete`: the last change was done by then, so that it stays while there is time. */
type Way = 'by itself' | 'by hand' | 'complete'

/** Waits for the watcher, where there is one; else an admin types what takes it back. */
async function goBack(world: SetupWorld, where: string): Promise<Way> {
  const isComplete = world.readPhase() === 'awaiting-proof'
  const wasWatched = !isComplete && (await world.untilNobodyWatches())
  if (wasWatched && world.readPhase() === 'reverted') return 'by itself'
  expect(await world.host.setup(REVERT), where).toMatchObject({ status: 0 })
  await world.untilNobodyWatches()
  return isComplete ? 'complete' : 'by hand'
}

/** A file has come, or has its old content again. */
function isTurn({ call }: SetupStrike): boolean {
  return call === 'rename'
}

function nameOf({ call, nth, about }: SetupStrike): string {
  return `${call} number ${nth} (${about})`
}
