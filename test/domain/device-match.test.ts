import { describe, expect, test } from 'vitest'
import { type Device, isUsable } from '../../src/domain/device.ts'
import { judgeCode } from '../../src/domain/device-match.ts'
import { stepAt } from '../../src/domain/otp.ts'
import { buildDevice, codeOf, NOW, openPlain, wrongCodeFor } from '../support/account-fixture.ts'

const STEP = stepAt(NOW, 30)
const phone = buildDevice({ id: 'a', label: 'phone' })
const token = buildDevice({
  id: 'b',
  label: 'token',
  algorithm: 'SHA256',
  digits: 8,
  periodSeconds: 60,
  sealedSecret: Buffer.alloc(32, 5),
})

function judge(devices: readonly Device[], code: string, window = 1) {
  return judgeCode(devices, code, { now: NOW, window, openSecret: openPlain })
}

describe('a code', () => {
  test.each([-1, 0, 1])('is right within the window: step %i', (by) => {
    expect(judge([phone], codeOf(phone, NOW, by))).toEqual({
      kind: 'right',
      device: phone,
      step: STEP + by,
    })
  })

  test.each([-3, -2, 2, 3])('is wrong outside of it: step %i', (by) => {
    expect(judge([phone], codeOf(phone, NOW, by))).toEqual({ kind: 'wrong' })
  })

  test('has to be of this very step where the window is 0, and may be four off where it is 4', () => {
    expect(judge([phone], codeOf(phone, NOW, 0), 0).kind).toBe('right')
    expect(judge([phone], codeOf(phone, NOW, -1), 0).kind).toBe('wrong')
    expect(judge([phone], codeOf(phone, NOW, 1), 0).kind).toBe('wrong')
    expect(judge([phone], codeOf(phone, NOW, -4), 4).kind).toBe('right')
    expect(judge([phone], codeOf(phone, NOW, 5), 4).kind).toBe('wrong')
  })

  test('is tried on every device, each with its own parameters', () => {
    const devices = [phone, token]
    expect(judge(devices, codeOf(phone))).toMatchObject({ kind: 'right', device: { id: 'a' } })
    expect(judge(devices, codeOf(token))).toEqual({
      kind: 'right',
      device: token,
      step: stepAt(NOW, 60),
    })
    expect(judge(devices, wrongCodeFor([phone]))).toEqual({ kind: 'wrong' })
  })

  test('is wrong where there is no device', () => {
    expect(judge([], codeOf(phone))).toEqual({ kind: 'wrong' })
  })

  test('that was used already, or is older than a used one, is told apart from a wrong one', () => {
    const used = buildDevice({ lastAcceptedStep: STEP })
    expect(judge([used], codeOf(used))).toEqual({ kind: 'replayed' })
    expect(judge([used], codeOf(used, NOW, -1))).toEqual({ kind: 'replayed' })
    expect(judge([used], codeOf(used, NOW, 1))).toMatchObject({ kind: 'right', step: STEP + 1 })
    expect(judge([used], wrongCodeFor([used]))).toEqual({ kind: 'wrong' })
  })

  test('of a host whose clock went back is neither wrong nor right', () => {
    const ahead = buildDevice({ lastAcceptedStep: STEP + 2 })
    expect(judge([ahead], codeOf(ahead))).toEqual({ kind: 'clock-behind' })
    expect(judge([ahead], wrongCodeFor([ahead]))).toEqual({ kind: 'wrong' })
  })

  test('counts for the device on which it is fresh, where it was used on another', () => {
    const used = buildDevice({ id: 'used', lastAcceptedStep: STEP })
    const ahead = buildDevice({ id: 'ahead', lastAcceptedStep: STEP + 2 })
    const fresh = buildDevice({ id: 'fresh' })
    for (const devices of [
      [used, ahead, fresh],
      [fresh, used, ahead],
    ]) {
      expect(judge(devices, codeOf(fresh))).toMatchObject({ kind: 'right', device: fresh })
    }
    expect(judge([used, ahead], codeOf(fresh)).kind).toBe('clock-behind')
    expect(judge([used, token], codeOf(used)).kind).toBe('replayed')
  })

  test('makes every secret opened and overwritten, also behind a match', () => {
    const opened: Buffer[] = []
    const openSecret = (device: Device) => {
      const secret = openPlain(device)
      opened.push(secret)
      return secret
    }
    judgeCode([phone, token], codeOf(phone), { now: NOW, window: 1, openSecret })
    expect(opened.map((secret) => secret.length)).toEqual([20, 32])
    expect(opened.every((secret) => secret.every((byte) => byte === 0))).toBe(true)
  })

  test('is not judged at all where one secret does not open', () => {
    const openSecret = (device: Device) => {
      if (device === token) throw new Error('broken')
      return openPlain(device)
    }
    const matching = { now: NOW, window: 1, openSecret }
    expect(() => judgeCode([phone, token], codeOf(phone), matching)).toThrow('broken')
  })
})

test('a device counts when it is confirmed, or was enrolled to count at once', () => {
  expect(isUsable(buildDevice())).toBe(true)
  expect(isUsable(buildDevice({ confirmedAt: undefined }))).toBe(false)
  expect(isUsable(buildDevice({ confirmedAt: undefined, countsUnconfirmed: true }))).toBe(true)
})
