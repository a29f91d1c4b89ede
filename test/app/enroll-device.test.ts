import { describe, expect, test } from 'vitest'
import { deviceSecretContext } from '../../src/app/device-secret.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import type { BoundDevice } from '../../src/domain/device.ts'
import { ALICE, SECRET, toUid } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const RESET = { name: ALICE, actor: 'root', reason: 'lost phone' }

async function logIn(ports: TestPorts, secret: Buffer): Promise<string> {
  const answer = { kind: 'code', code: codeFor(ports, secret) } as const
  const { decision } = await verifyLogin(ports, buildPolicy(), buildRequest(), answer)
  return decision.outcome === 'denied' ? decision.reason : decision.outcome
}

describe('enrolling somebody', () => {
  test('makes an account and a device with 160 secret bits, which does not count yet', async () => {
    const ports = createTestPorts()
    const { secret, device, recoveryCodes } = await enrollDevice(ports, buildEnrollInput())
    expect(secret).toHaveLength(20)
    expect(recoveryCodes).toEqual([])
    expect(readAlice(ports)).toMatchObject({ account: { uid: 1000 }, oneTimeCodes: [] })
    expect(readAlice(ports).devices).toEqual([device])
    expect(ports.memory.audit).toMatchObject([{ action: 'enroll', actor: 'root', device: 'phone' }])
    expect(await logIn(ports, secret)).toBe('not-enrolled')
  })

  test('keeps the secret sealed only', async () => {
    const ports = createTestPorts()
    const { secret, device } = await enrollDevice(ports, buildEnrollInput())
    expect(device.sealedSecret.includes(secret)).toBe(false)
    const open = (bound: BoundDevice) =>
      ports.vault.open(device.sealedSecret, deviceSecretContext(ALICE_ENTRY, bound))
    expect(open(device)).toEqual(secret)
    expect(errorCodeOf(() => open({ ...device, id: 'x' }))).toBe('ERR_SEALED_INVALID')
  })

  test('takes the secret of a token that exists, and its parameters', async () => {
    const ports = createTestPorts()
    const parameters = {
      kind: 'totp',
      algorithm: 'SHA256',
      digits: 8,
      periodSeconds: 60,
    } as const
    const input = buildEnrollInput({ secret: SECRET, parameters })
    const { secret, device } = await enrollDevice(ports, input)
    expect(secret).toEqual(SECRET)
    expect(device).toMatchObject(parameters)
  })

  test('without confirmation counts at once, and the first right code confirms', async () => {
    const ports = createTestPorts()
    const input = buildEnrollInput({ countsUnconfirmed: true, mintCodes: true })
    const { secret, recoveryCodes } = await enrollDevice(ports, input)
    expect(recoveryCodes).toHaveLength(10)
    expect(readAlice(ports).oneTimeCodes).toHaveLength(10)
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: undefined }])
    expect(await logIn(ports, secret)).toBe('accepted')
    expect(readAlice(ports).devices).toMatchObject([{ confirmedAt: ports.now() }])
  })

  test('again replaces a device that was never confirmed, and says so', async () => {
    const ports = createTestPorts()
    expect(await enrollDevice(ports, buildEnrollInput())).toMatchObject({ replaced: 0 })
    const second = buildEnrollInput({ label: 'second' })
    const { device, replaced } = await enrollDevice(ports, second)
    expect(replaced).toBe(1)
    expect(readAlice(ports).devices).toEqual([device])
  })

  test.each([
    true,
    false,
  ])('again is refused once a device counts: confirmed %s', async (confirmed) => {
    const ports = createTestPorts()
    if (confirmed) await enrollAlice(ports)
    else await enrollDevice(ports, buildEnrollInput({ countsUnconfirmed: true }))
    const before = readAlice(ports)
    const attempt = enrollDevice(ports, buildEnrollInput({ countsUnconfirmed: true }))
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_ACCOUNT_EXISTS' })
    expect(readAlice(ports)).toEqual(before)
  })

  test('after a reset stays denied until the device is confirmed', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await resetAccount(ports, RESET)
    const { secret } = await enrollDevice(ports, buildEnrollInput())
    expect(await logIn(ports, secret)).toBe('must-enroll')
  })

  test('after a reset without confirmation ends the denial', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await resetAccount(ports, RESET)
    const { secret } = await enrollDevice(ports, buildEnrollInput({ countsUnconfirmed: true }))
    expect(await logIn(ports, secret)).toBe('accepted')
  })

  test('under another uid takes the name over only after a reset', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const entry = { ...ALICE_ENTRY, uid: toUid(4242) }
    const input = buildEnrollInput({ entry, countsUnconfirmed: true })
    await expect(enrollDevice(ports, input)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_EXISTS' })
    await resetAccount(ports, RESET)
    await enrollDevice(ports, input)
    expect(readAlice(ports).account.uid).toBe(4242)
  })

  test('under another uid is refused while codes of the old one are left', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    ports.memory.write(ALICE, { ...readAlice(ports), devices: [] })
    const entry = { ...ALICE_ENTRY, uid: toUid(4242) }
    await expect(enrollDevice(ports, buildEnrollInput({ entry }))).rejects.toMatchObject({
      code: 'ERR_ACCOUNT_UID_CHANGED',
    })
    await enrollDevice(ports, buildEnrollInput())
    expect(readAlice(ports)).toMatchObject({ account: { uid: 1000 }, devices: [{}] })
  })
})
