import { describe, expect, test } from 'vitest'
import { confirmDevice } from '../../src/app/confirm-device.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { ALICE, SECRET, toUid } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
} from '../support/app-fixture.ts'
import { addTo, BY_ROOT, HOTP, labelsOf, logIn, pressed } from './device-act.ts'

describe('adding a device', () => {
  test('leaves the old one, and either opens the door', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const tablet = await addTo(ports)
    expect(tablet).toMatchObject({ recoveryCodes: [], replaced: 0 })
    expect(labelsOf(ports)).toEqual(['phone', 'tablet'])
    expect(await logIn(ports, codeFor(ports, tablet.secret))).toBe('accepted')
    expect(await logIn(ports, codeFor(ports, secret))).toBe('accepted')
    expect(ports.memory.audit.filter(({ action }) => action !== 'login').at(-1)).toMatchObject({
      action: 'device-add',
      device: 'tablet',
    })
  })

  test('of a button takes its codes in turn, once', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await addTo(ports, { label: 'token', parameters: HOTP, secret: SECRET })
    expect(await logIn(ports, pressed(0))).toBe('accepted')
    expect(await logIn(ports, pressed(0))).toBe('code-replayed')
    expect(await logIn(ports, pressed(4))).toBe('accepted')
    expect(await logIn(ports, pressed(2))).toBe('code-wrong')
    expect(readAlice(ports).devices[1]).toMatchObject({ kind: 'hotp', lastAcceptedStep: 4 })
  })

  test('to be confirmed does not count before, and then mints no new recovery codes', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const { device, secret } = await addTo(ports, { countsUnconfirmed: false })
    expect(await logIn(ports, codeFor(ports, secret))).toBe('code-wrong')
    const code = codeFor(ports, secret)
    const input = { ...BY_ROOT, code, window: 1, mintCodes: true, deviceId: device.id }
    expect(await confirmDevice(ports, input)).toMatchObject({
      kind: 'confirmed',
      recoveryCodes: [],
    })
    expect(await logIn(ports, codeFor(ports, secret, 1))).toBe('accepted')
  })

  test('replaces one that was left unconfirmed, and nothing else', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await addTo(ports, { countsUnconfirmed: false })
    expect(await addTo(ports, { countsUnconfirmed: false })).toMatchObject({ replaced: 1 })
    expect(labelsOf(ports)).toEqual(['phone', 'tablet'])
  })

  test('is refused where the label or the secret is there already', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const before = readAlice(ports)
    const exists = { code: 'ERR_DEVICE_EXISTS' }
    await expect(addTo(ports, { label: 'phone' })).rejects.toMatchObject(exists)
    await expect(addTo(ports, { secret })).rejects.toMatchObject(exists)
    await expect(addTo(ports, { secret, parameters: HOTP })).rejects.toMatchObject(exists)
    expect(readAlice(ports)).toEqual(before)
  })

  test.each([
    { window: 1, labels: ['b', 'c'], refused: 'd' },
    { window: 2, labels: [], refused: 'b' },
    { window: 4, labels: [], refused: 'b' },
  ])('is refused where more than nine codes would be right: window $window', async (given) => {
    const { window, labels, refused } = given
    const ports = createTestPorts()
    await enrollAlice(ports)
    for (const label of labels) await addTo(ports, { label, window })
    await expect(addTo(ports, { label: refused, window })).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      hint: expect.stringContaining('remove a device'),
    })
    expect(labelsOf(ports)).toEqual(['phone', ...labels])
  })

  test('counts six codes for a button: one beside a phone, none beside two', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await addTo(ports, { label: 'token', parameters: HOTP })
    await expect(addTo(ports)).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    await addTo(ports, { window: 0 })
    expect(labelsOf(ports)).toEqual(['phone', 'token', 'tablet'])
  })

  test('is for somebody who is enrolled', async () => {
    const ports = createTestPorts()
    await expect(addTo(ports)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
    await enrollDevice(ports, buildEnrollInput())
    const hint = 'otpgate enroll alice'
    await expect(addTo(ports)).rejects.toMatchObject({ code: 'ERR_REFUSED', hint })
    await resetAccount(ports, BY_ROOT)
    await expect(addTo(ports)).rejects.toMatchObject({ code: 'ERR_REFUSED', hint })
  })

  test('is refused for another person of the same name', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const entry = { ...ALICE_ENTRY, uid: toUid(2000) }
    await expect(addTo(ports, { entry })).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UID_CHANGED' })
    expect(ports.memory.read(ALICE)).toMatchObject({ account: { uid: 1000 } })
  })
})
