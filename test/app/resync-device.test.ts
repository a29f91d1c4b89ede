import { describe, expect, test } from 'vitest'
import { confirmDevice } from '../../src/app/confirm-device.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { resyncDevice } from '../../src/app/resync-device.ts'
import { DAY_SECONDS } from '../../src/base/time.ts'
import { stepAt } from '../../src/domain/otp.ts'
import { SECRET } from '../support/account-fixture.ts'
import {
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { BY_ROOT, HOTP, logIn, pressed } from './device-act.ts'

function resync(ports: TestPorts, first: string, second: string, label = 'phone') {
  return resyncDevice(ports, { ...BY_ROOT, label, codes: { first, second } })
}

/** Two codes in a row of a phone whose clock is that many steps off, the second one of now. */
function resyncAt(ports: TestPorts, secret: Buffer, steps: number) {
  return resync(ports, codeFor(ports, secret, steps - 1), codeFor(ports, secret, steps))
}

/** Alice with a button alone, pressed `used` times for logins. */
async function enrollButton(used: number) {
  const ports = createTestPorts()
  const input = { secret: SECRET, parameters: HOTP, label: 'token', countsUnconfirmed: true }
  await enrollDevice(ports, buildEnrollInput(input))
  for (let counter = 0; counter < used; counter++) {
    expect(await logIn(ports, pressed(counter))).toBe('accepted')
  }
  return ports
}

const markOf = (ports: TestPorts) => readAlice(ports).devices[0]?.lastAcceptedStep

describe('two codes in a row of a phone', () => {
  test.each([-2, -1, 0, 1, 2])('%i steps off: its clock is followed from there', async (steps) => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    ports.clock.move(600)
    expect(await resyncAt(ports, secret, steps)).toEqual({
      kind: 'clock-found',
      offsetSeconds: steps * 30,
      markRepaired: false,
    })
    expect(readAlice(ports).devices).toMatchObject([
      { driftSeconds: steps * 30, lastAcceptedStep: stepAt(ports.now(), 30) + steps },
    ])
    expect(await logIn(ports, codeFor(ports, secret, steps))).toBe('code-replayed')
    expect(await logIn(ports, codeFor(ports, secret, steps + 1))).toBe('accepted')
  })

  test.each([
    -2880, -600, -3, 3, 40, 2880,
  ])('%i steps off: says so, and changes nothing', async (steps) => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const before = readAlice(ports)
    const offsetSeconds = steps * 30
    expect(await resyncAt(ports, secret, steps)).toEqual({ kind: 'clock-too-far', offsetSeconds })
    expect(readAlice(ports)).toEqual(before)
    expect(ports.memory.audit.at(-1)).toMatchObject({
      action: 'device-resync',
      outcome: 'denied',
      reason: 'clock-off',
    })
  })

  test('that do not follow each other, or are of no time near, change and charge nothing', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const before = readAlice(ports)
    const [now, next] = [codeFor(ports, secret), codeFor(ports, secret, 1)]
    for (const [first, second] of [
      [next, now],
      [now, now],
      [now, codeFor(ports, secret, 2)],
      [codeFor(ports, secret, 3000), codeFor(ports, secret, 3001)],
      ['12345678', next],
    ]) {
      expect(await resync(ports, first ?? '', second ?? '')).toEqual({ kind: 'wrong' })
    }
    expect(readAlice(ports)).toEqual(before)
    expect(ports.memory.audit.at(-1)).toMatchObject({ outcome: 'denied', reason: 'code-wrong' })
  })

  test('repair a mark that a clock which was a day ahead has left', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    ports.clock.move(DAY_SECONDS)
    expect(await logIn(ports, codeFor(ports, secret))).toBe('accepted')
    ports.clock.move(-DAY_SECONDS)
    expect(await logIn(ports, codeFor(ports, secret))).toBe('clock-behind')
    expect(await resyncAt(ports, secret, 0)).toMatchObject({ offsetSeconds: 0, markRepaired: true })
    expect(await logIn(ports, codeFor(ports, secret))).toBe('code-replayed')
    expect(await logIn(ports, codeFor(ports, secret, 1))).toBe('accepted')
  })

  test('never bring a code back that was used by a clock that is right', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const used = codeFor(ports, secret, 1)
    expect(await logIn(ports, used)).toBe('accepted')
    const mark = markOf(ports)
    expect(await resyncAt(ports, secret, -1)).toMatchObject({ markRepaired: false })
    expect(markOf(ports)).toBe(mark)
    ports.clock.move(60)
    expect(await logIn(ports, used)).toBe('code-replayed')
  })

  test('let nobody in, and take nothing from a wait', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    for (let tries = 0; tries < 5; tries++) await logIn(ports, '00000000')
    const { throttle } = readAlice(ports).account
    await resyncAt(ports, secret, 1)
    expect(readAlice(ports).account).toMatchObject({ throttle })
    expect(readAlice(ports)).toMatchObject({ tickets: [] })
    expect(await logIn(ports, codeFor(ports, secret, 2))).toBe('throttled')
  })
})

describe('two codes in a row of a button', () => {
  test.each([
    0, 1, 7, 500, 1000,
  ])('%i presses further on: it is followed from there', async (by) => {
    const ports = await enrollButton(2)
    const found = await resync(ports, pressed(2 + by), pressed(3 + by), 'token')
    expect(found).toEqual({ kind: 'counter-found', counter: 3 + by, skipped: by })
    expect(await logIn(ports, pressed(3 + by))).toBe('code-replayed')
    expect(await logIn(ports, pressed(4 + by))).toBe('accepted')
  })

  test('are not looked for beyond a thousand presses', async () => {
    const ports = await enrollButton(2)
    expect(await resync(ports, pressed(1003), pressed(1004), 'token')).toEqual({ kind: 'wrong' })
    expect(markOf(ports)).toBe(1)
  })

  test('that were used never take the counter back', async () => {
    const ports = await enrollButton(4)
    expect(await resync(ports, pressed(1), pressed(2), 'token')).toEqual({ kind: 'used' })
    expect(await resync(ports, pressed(2), pressed(3), 'token')).toEqual({ kind: 'used' })
    expect(markOf(ports)).toBe(3)
    expect(ports.memory.audit.at(-1)).toMatchObject({ outcome: 'denied', reason: 'code-replayed' })
  })

  test('also find one that waits for its confirmation, and do not confirm it', async () => {
    const ports = createTestPorts()
    const input = { secret: SECRET, parameters: HOTP, label: 'token' }
    await enrollDevice(ports, buildEnrollInput(input))
    const confirm = (code: string) =>
      confirmDevice(ports, { ...BY_ROOT, code, window: 1, mintCodes: false })
    expect(await confirm(pressed(57))).toEqual({ kind: 'other-count', presses: 57 })
    await resync(ports, pressed(58), pressed(59), 'token')
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: undefined }])
    expect(await confirm(pressed(59))).toEqual({ kind: 'wrong' })
    expect(await confirm(pressed(60))).toMatchObject({ kind: 'confirmed' })
  })
})

test.each([0, 5])('a new button may be %i presses from 0 when it is confirmed', async (counter) => {
  const ports = createTestPorts()
  await enrollDevice(ports, buildEnrollInput({ secret: SECRET, parameters: HOTP }))
  const input = { ...BY_ROOT, code: pressed(counter), window: 1, mintCodes: false }
  expect(await confirmDevice(ports, input)).toMatchObject({ kind: 'confirmed' })
  expect(markOf(ports)).toBe(counter)
})

test('the device and the account have to be there', async () => {
  const ports = createTestPorts()
  await expect(resync(ports, '1', '2')).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
  await enrollAlice(ports)
  await expect(resync(ports, '1', '2', 'x')).rejects.toMatchObject({ code: 'ERR_DEVICE_UNKNOWN' })
})

test('a confirmation learns the clock of the phone', async () => {
  const ports = createTestPorts()
  const { secret } = await enrollDevice(ports, buildEnrollInput())
  const code = codeFor(ports, secret, 1)
  await confirmDevice(ports, { ...BY_ROOT, code, window: 1, mintCodes: false })
  expect(readAlice(ports).devices).toMatchObject([{ driftSeconds: 8 }])
})
