import { describe, expect, test } from 'vitest'
import { addSeconds, HOUR_SECONDS, toUnixSeconds } from '../../src/base/time.ts'
import { activeOverride, type Override, overrideAfterEnrolling } from '../../src/domain/override.ts'
import { NOW } from '../support/account-fixture.ts'

const reason = 'ticket 4711'
const mustEnroll: Override = { kind: 'must-enroll', reason }
const suspended: Override = { kind: 'suspended', reason }
const since = addSeconds(NOW, -HOUR_SECONDS)
const waived: Override = { kind: 'waived', reason, since, until: NOW }
const invited: Override = { kind: 'invited', reason, since, until: NOW, needsCode: true }

describe('an override', () => {
  test.each([
    waived,
    invited,
  ])('$kind holds up to its date and is none in its second', (override) => {
    expect(activeOverride(override, addSeconds(NOW, -1))).toBe(override)
    expect(activeOverride(override, NOW)).toBeUndefined()
    expect(activeOverride(override, addSeconds(NOW, 1))).toBeUndefined()
  })

  test.each([
    waived,
    invited,
  ])('$kind does not hold before it was made, but for a step of the clock', (override) => {
    expect(activeOverride(override, addSeconds(since, -10))).toBe(override)
    expect(activeOverride(override, addSeconds(since, -11))).toBeUndefined()
    expect(activeOverride(override, toUnixSeconds(0))).toBeUndefined()
  })

  test.each([mustEnroll, suspended])('$kind holds for ever', (override) => {
    expect(activeOverride(override, addSeconds(NOW, 1_000_000_000))).toBe(override)
  })

  test('that is none stays none', () => {
    expect(activeOverride(undefined, NOW)).toBeUndefined()
  })

  test.each([
    { override: mustEnroll, after: undefined },
    { override: invited, after: undefined },
    { override: suspended, after: suspended },
    { override: waived, after: waived },
    { override: undefined, after: undefined },
  ])('$override.kind is what it should be once a device is confirmed', ({ override, after }) => {
    expect(overrideAfterEnrolling(override)).toBe(after)
  })
})
