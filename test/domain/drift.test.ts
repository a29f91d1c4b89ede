import { describe, expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../src/base/time.ts'
import { driftChanges, driftSteps, findClockOffset } from '../../src/domain/drift.ts'
import { stepAt } from '../../src/domain/otp.ts'
import { buildButton, buildDevice, codeOf, NOW, SECRET } from '../support/account-fixture.ts'

const device = buildDevice()
const offsetOf = (code: string) => findClockOffset(SECRET, device, code, NOW)

describe('the offset of a device clock', () => {
  test.each([0, 30, -30, 3600, -3600, 43_200, 86_400, -86_400])('is found: %i s', (offset) => {
    expect(offsetOf(codeOf(device, addSeconds(NOW, offset)))).toBe(offset)
  })

  test('is not looked for beyond a day', () => {
    expect(offsetOf(codeOf(device, addSeconds(NOW, 86_430)))).toBeUndefined()
    expect(offsetOf(codeOf(device, addSeconds(NOW, -86_430)))).toBeUndefined()
  })

  test('is that of the nearest time where the code is right for several', () => {
    const codes = Array.from({ length: 2800 }, (_, step) => codeOf(device, NOW, step))
    const again = codes.findIndex((code, step) => codes.indexOf(code) < step)
    expect(again).toBeGreaterThan(0)
    const code = codes[again] ?? ''
    const oneStepBefore = addSeconds(NOW, 30 * (again - 1))
    const oneStepAfterTheFirst = addSeconds(NOW, 30 * (codes.indexOf(code) + 1))
    expect(findClockOffset(SECRET, device, code, oneStepBefore)).toBe(30)
    expect(findClockOffset(SECRET, device, code, oneStepAfterTheFirst)).toBe(-30)
  })

  test('is counted in the period of the device', () => {
    const slow = buildDevice({ periodSeconds: 120 })
    const code = codeOf(slow, NOW, -3)
    expect(findClockOffset(SECRET, slow, code, NOW)).toBe(-360)
  })

  test('is unknown for a code of no time near, and for one of another length', () => {
    const eight = buildDevice({ digits: 8 })
    expect(findClockOffset(SECRET, eight, codeOf(device), NOW)).toBeUndefined()
    expect(findClockOffset(SECRET, eight, '00000000', NOW)).toBeUndefined()
  })

  test('can be found on a host whose clock stands at 1970', () => {
    const epoch = toUnixSeconds(5)
    expect(findClockOffset(SECRET, device, codeOf(device, 65), epoch)).toBe(60)
  })
})

describe('what is learnt of a clock', () => {
  /** The drift after right codes that many steps off, from `driftSeconds` on. */
  function learn(offsets: readonly number[], window = 1, driftSeconds = 0): number {
    return offsets.reduce((drift, offset) => {
      const phone = buildDevice({ driftSeconds: drift })
      const [change] = driftChanges(phone, stepAt(NOW, 30) + offset, window, NOW)
      return change?.kind === 'set-drift' ? change.driftSeconds : drift
    }, driftSeconds)
  }

  test('is a running average: one late code moves nothing, three in a row move the window', () => {
    expect(learn([1])).toBe(8)
    expect(driftSteps(buildDevice({ driftSeconds: learn([1, 1]) }))).toBe(0)
    expect(driftSteps(buildDevice({ driftSeconds: learn([1, 1, 1]) }))).toBe(1)
    expect(driftSteps(buildDevice({ driftSeconds: learn([-1, -1, -1]) }))).toBe(-1)
    expect(driftSteps(buildDevice({ driftSeconds: learn([1, 1, 1, 0, 0, 0, 0]) }))).toBe(0)
  })

  test('is nothing, and no change, for a clock that is right, and for a button', () => {
    const step = stepAt(NOW, 30)
    expect(driftChanges(buildDevice(), step, 1, NOW)).toEqual([])
    expect(driftChanges(buildButton(), 3, 1, NOW)).toEqual([])
  })

  test('is never a negative zero, which the store would take for a fraction', () => {
    const phone = buildDevice({ periodSeconds: 47, driftSeconds: 15 })
    const step = stepAt(NOW, 47) - 1
    expect(driftChanges(phone, step, 1, NOW)).toEqual([
      { kind: 'set-drift', deviceId: phone.id, driftSeconds: 0 },
    ])
  })

  test('reaches no further than the window, or two steps; a window of 0 learns nothing', () => {
    const far = Array.from({ length: 30 }, () => 4)
    expect(learn(far, 0)).toBe(0)
    expect(learn(far, 1)).toBe(30)
    expect(learn(far, 2)).toBe(60)
    expect(learn(far, 4)).toBe(60)
  })

  test('follows what resync found back to a clock that is put right', () => {
    expect(learn([2, 2, 2], 1, 60)).toBe(60)
    expect(driftSteps(buildDevice({ driftSeconds: learn([1, 1, 1, 1], 1, 60) }))).toBe(1)
  })
})
