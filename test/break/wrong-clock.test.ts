import { describe, expect, test } from 'vitest'
import { DAY_SECONDS, HOUR_SECONDS } from '../../src/base/time.ts'
import type { ThrottleState } from '../../src/domain/throttle.ts'
import { ALICE, NOW } from '../support/account-fixture.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { reasonOf, type StoredAlice, storeAlice } from './stored-alice.ts'

const LONGEST_WAIT_SECONDS = HOUR_SECONDS
const EPOCH = 0
const IN_2038 = 2_147_483_647
const IN_2106 = 4_294_967_295
/** RFC 6238 appendix B goes as far: the year 2603. */
const IN_2603 = 20_000_000_000
const BEHIND = 'The clock of this host is behind. Ask your administrator.'

/** Replay mark and waits of alice, as they are stored. */
async function readAlice(alice: StoredAlice) {
  const ports = alice.open()
  try {
    const state = await ports.register.find(ALICE)
    if (state.kind !== 'known') throw new Error('alice is not known')
    const { throttle } = state.account
    return { mark: state.devices[0]?.lastAcceptedStep ?? -1, throttle: throttle.code }
  } finally {
    ports.close()
  }
}

async function logIn(alice: StoredAlice, answer = alice.codeAt(alice.now())) {
  const run = await alice.run({ answer })
  return { verdict: run.isAdmitted ? 'accepted' : reasonOf(run), said: run.said, run }
}

/** A code that is right at none of these times, nor near them. */
function wrongCode(alice: StoredAlice, ...times: readonly number[]): string {
  const near = [-60, -30, 0, 30, 60]
  const right = times.flatMap((at) => near.map((by) => alice.codeAt(Math.max(0, at + by))))
  return (
    Array.from('0123456789', (digit) => digit.repeat(6)).find((code) => !right.includes(code)) ?? ''
  )
}

/** Wrong codes, each as soon as one is judged again, until none is for `wait` seconds. */
async function failUntilWait(alice: StoredAlice, wait: number, wrong: string): Promise<void> {
  for (let failures = 0; failures < 30; failures++) {
    const { verdict } = await logIn(alice, wrong)
    expect(verdict).toBe('code-wrong')
    const { throttle } = await readAlice(alice)
    const left = waitOf(throttle, alice.now())
    if (left >= wait) return
    alice.setClock(alice.now() + left)
  }
  throw new Error(`no wait of ${wait} s`)
}

function waitOf({ wait }: ThrottleState, now: number): number {
  return wait === undefined ? 0 : Math.max(0, wait.until - now)
}

describe('a clock that is wrong', () => {
  const path = useScratchDirectory()

  test.each([
    { what: 'an hour fast', at: NOW + HOUR_SECONDS },
    { what: 'an hour slow', at: NOW - HOUR_SECONDS },
    { what: 'in 2038, at the end of 31 bits', at: IN_2038 },
    { what: 'after it', at: IN_2038 + 1 },
    { what: 'in 2106, at the end of 32 bits', at: IN_2106 },
    { what: 'after it', at: IN_2106 + 1 },
    { what: 'in 2603', at: IN_2603 },
    { what: 'in 1970', at: EPOCH },
  ])('takes the code of its own time once, and refuses that of the true time: $what', async ({
    at,
  }) => {
    const alice = await storeAlice(path)
    alice.setClock(at)
    expect(await logIn(alice, alice.codeAt(NOW))).toMatchObject({ verdict: 'code-wrong' })
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
    expect(await readAlice(alice)).toMatchObject({ mark: Math.floor(at / 30) })
    expect(await logIn(alice)).toMatchObject({ verdict: 'code-replayed' })
    const account = await alice.run({ args: ['--account'] })
    expect(account.isAdmitted).toBe(true)
    const ports = alice.open()
    expect(await ports.journal.verify()).toMatchObject({ problem: undefined })
    ports.close()
  })

  test.each([
    { what: 'an hour fast once', fast: NOW + HOUR_SECONDS },
    { what: 'in 2038 once', fast: IN_2038 + 1 },
    { what: 'in 2106 once', fast: IN_2106 + 1 },
  ])('and right again says so, and never lowers the mark: $what', async ({ fast }) => {
    const alice = await storeAlice(path)
    alice.setClock(fast)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
    const { mark } = await readAlice(alice)
    for (const at of [NOW, NOW + 30, NOW - HOUR_SECONDS, EPOCH]) {
      alice.setClock(at)
      const { verdict, said, run } = await logIn(alice)
      expect({ verdict, said }).toEqual({ verdict: 'clock-behind', said: [BEHIND] })
      expect(run.logged).toMatchObject([{ priority: 'warning' }])
      expect(await readAlice(alice)).toMatchObject({ mark, throttle: { consecutiveFailures: 0 } })
    }
    // The code that moved the mark stays used once that time comes round.
    alice.setClock(fast)
    expect(await logIn(alice)).toMatchObject({ verdict: 'code-replayed' })
    alice.setClock(fast + 60)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
  })

  test('leaves the recovery codes as a way in', async () => {
    const alice = await storeAlice(path, { mintCodes: true })
    alice.setClock(IN_2038)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
    alice.setClock(NOW)
    const [recovery = ''] = alice.recoveryCodes
    expect(await logIn(alice, recovery)).toMatchObject({ verdict: 'accepted' })
  })

  test('gives no ticket a longer life', async () => {
    const alice = await storeAlice(path)
    alice.setClock(NOW + HOUR_SECONDS)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
    alice.setClock(NOW)
    expect(await alice.run({ args: ['--account'] })).toMatchObject({ isAdmitted: false })
  })

  const jumps = [
    { what: 'an hour fast', to: NOW + HOUR_SECONDS },
    { what: 'an hour slow', to: NOW - HOUR_SECONDS },
    { what: 'to 1970', to: EPOCH },
    { what: 'to 2038', to: IN_2038 },
    { what: 'to 2106', to: IN_2106 },
  ]
  const waits = [
    { kind: 'backoff', seconds: 240, longest: LONGEST_WAIT_SECONDS },
    { kind: 'day limit', seconds: 12 * HOUR_SECONDS, longest: DAY_SECONDS },
  ]

  test.each(
    waits.flatMap((wait) => jumps.map((jump) => ({ ...wait, ...jump }))),
  )('never makes a wait longer than the longest, nor endless: $kind, $what', async ({
    seconds,
    longest,
    to,
  }) => {
    const alice = await storeAlice(path)
    const wrong = wrongCode(alice, NOW, to)
    await failUntilWait(alice, seconds, wrong)
    const { consecutiveFailures } = (await readAlice(alice)).throttle
    const failedAt = alice.now()
    for (const at of [to, failedAt, to]) {
      alice.setClock(at)
      // Looked at once by this clock, as the next login does.
      await logIn(alice, wrong)
      const { throttle } = await readAlice(alice)
      expect(waitOf(throttle, at)).toBeLessThanOrEqual(longest)
      expect(throttle.consecutiveFailures).toBeGreaterThanOrEqual(consecutiveFailures)
    }
    alice.setClock(to + longest)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
  })

  test('set back does not let a wait end early', async () => {
    const alice = await storeAlice(path)
    const wrong = wrongCode(alice, NOW, NOW - HOUR_SECONDS)
    await failUntilWait(alice, 240, wrong)
    const back = alice.now() - HOUR_SECONDS
    alice.setClock(back)
    expect(await logIn(alice)).toMatchObject({ verdict: 'throttled' })
    alice.setClock(back + 239)
    expect(await logIn(alice)).toMatchObject({ verdict: 'throttled' })
    alice.setClock(back + 240)
    expect(await logIn(alice)).toMatchObject({ verdict: 'accepted' })
  })
})
