import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../../src/base/ip-network.ts'
import { addSeconds, DAY_SECONDS, type UnixSeconds } from '../../src/base/time.ts'
import { admit } from '../../src/domain/admit.ts'
import { findSourceKey, KNOWN_SOURCE_SECONDS, knownUntil } from '../../src/domain/known-source.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../src/domain/throttle.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  codeOf,
  NOW,
  openPlain,
  wrongCodeFor,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'

const phone = buildDevice()
const HOME = {
  network: '192.0.2.7',
  firstFactor: 'publickey SHA256:key',
  lastSuccessAt: addSeconds(NOW, -DAY_SECONDS),
  rememberedAt: undefined,
}
const LOCKED = { ...FRESH_THROTTLE, consecutiveFailures: 100 }
const WAIT = { from: NOW, until: addSeconds(NOW, 30) }
const WAITING: ThrottleState = { consecutiveFailures: 5, recentFailures: [NOW], wait: WAIT }

/** Alice, whose account a stranger has locked. */
function locked(knownSource: ThrottleState = FRESH_THROTTLE, code: ThrottleState = LOCKED) {
  const throttle = { ...buildAccount().throttle, code, knownSource }
  return buildKnown({
    account: buildAccount({ throttle }),
    devices: [phone],
    sources: [HOME],
  })
}

function type(state: ReturnType<typeof locked>, isRight: boolean, now: UnixSeconds = NOW) {
  const code = isRight ? codeOf(phone, now) : wrongCodeFor([phone], now)
  const { result, changes } = admit(state, {
    facts: buildFacts(),
    answer: { kind: 'code', code },
    policy: buildPolicy(),
    now,
    openSecret: openPlain,
  })
  const throttles = changes.filter((change) => change.kind === 'set-throttle')
  return { verdict: result.outcome === 'denied' ? result.reason : result.outcome, throttles }
}

describe('from a known source', () => {
  test('a right code gets in although the account is locked, and leaves that lock', () => {
    const failed = { ...FRESH_THROTTLE, consecutiveFailures: 3 }
    expect(type(locked(failed), true)).toEqual({
      verdict: 'accepted',
      throttles: [{ kind: 'set-throttle', budget: 'knownSource', throttle: FRESH_THROTTLE }],
    })
  })

  test('a wrong code is charged to the source alone', () => {
    const { verdict, throttles } = type(locked(), false)
    expect(verdict).toBe('code-wrong')
    expect(throttles).toMatchObject([
      { budget: 'knownSource', throttle: { consecutiveFailures: 1 } },
    ])
  })

  test('codes are charged to the account while that has room', () => {
    const { throttles } = type(locked(FRESH_THROTTLE, FRESH_THROTTLE), false)
    expect(throttles).toMatchObject([{ budget: 'code' }])
  })

  test('no code is judged once both are used up; a stranger is told the same', () => {
    expect(type(locked(WAITING), true)).toEqual({ verdict: 'locked', throttles: [] })
  })

  test('a wait that a clock made start over is saved, or it would start over at each attempt', () => {
    const back = addSeconds(NOW, -DAY_SECONDS / 2)
    const { verdict, throttles } = type(locked(WAITING, WAITING), true, back)
    expect(verdict).toBe('throttled')
    const wait = { from: back, until: addSeconds(back, 30) }
    expect(throttles).toMatchObject([
      { budget: 'knownSource', throttle: { wait } },
      { budget: 'code', throttle: { wait } },
    ])
  })
})

test('a source is known for thirty days after the last right code, and not before it', () => {
  const at = (seconds: number) => knownUntil(HOME, addSeconds(HOME.lastSuccessAt, seconds))
  const end = addSeconds(HOME.lastSuccessAt, 30 * DAY_SECONDS)
  expect([at(0), at(KNOWN_SOURCE_SECONDS - 1)]).toEqual([end, end])
  expect([at(KNOWN_SOURCE_SECONDS), at(-1)]).toEqual([undefined, undefined])
  expect(knownUntil(undefined, NOW)).toBeUndefined()
})

test.each([
  'fe80::1',
  'febf::1',
])('a neighbour on the link, such as %s, is no source: every link has one', (at) => {
  const facts = buildFacts({ address: parseIpAddress(at) })
  expect(findSourceKey(facts)).toBeUndefined()
  expect(findSourceKey({ ...facts, address: parseIpAddress('fec0::1') })).toBeDefined()
  expect(findSourceKey({ ...facts, address: parseIpAddress('fe8::1') })).toBeDefined()
})

test('another address is not known', () => {
  const elsewhere = buildFacts({ address: parseIpAddress('192.0.2.8') })
  const answer = { kind: 'code', code: codeOf(phone) } as const
  const input = { facts: elsewhere, answer, policy: buildPolicy(), openSecret: openPlain }
  expect(admit(locked(), { ...input, now: NOW }).result).toMatchObject({ reason: 'locked' })
})
