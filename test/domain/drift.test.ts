import { describe, expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../src/base/time.ts'
import { findClockOffset } from '../../src/domain/drift.ts'
import { buildDevice, codeOf, NOW, SECRET } from '../support/account-fixture.ts'

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
