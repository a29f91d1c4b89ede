import { describe, expect, test } from 'vitest'
import { type ConfirmInput, confirmDevice } from '../../src/app/confirm-device.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { stepAt } from '../../src/domain/otp.ts'
import { ALICE, SECRET } from '../support/account-fixture.ts'
import {
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

function confirm(ports: TestPorts, code: string, fields: Partial<ConfirmInput> = {}) {
  const input = { name: ALICE, actor: 'root', code, window: 1, mintCodes: true, ...fields }
  return confirmDevice(ports, input)
}

async function enrolling(fields: Parameters<typeof buildEnrollInput>[0] = {}) {
  const ports = createTestPorts()
  const { secret } = await enrollDevice(ports, buildEnrollInput(fields))
  return { ports, secret }
}

describe('confirming a device', () => {
  test('with a right code makes it count, uses the code up and mints ten recovery codes', async () => {
    const { ports, secret } = await enrolling()
    const confirmation = await confirm(ports, codeFor(ports, secret))
    expect(confirmation).toMatchObject({ kind: 'confirmed', device: 'phone' })
    const codes = confirmation.kind === 'confirmed' ? confirmation.recoveryCodes : []
    expect(new Set(codes.map((code) => code.slice(0, 4))).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}(?:-|$)){4}$/)
    const { devices, oneTimeCodes } = readAlice(ports)
    expect(devices).toMatchObject([
      { confirmedAt: ports.now(), lastAcceptedStep: stepAt(ports.now(), 30) },
    ])
    expect(oneTimeCodes).toHaveLength(10)
    expect(ports.memory.audit.at(-1)).toMatchObject({ action: 'confirm', device: 'phone' })
  })

  test('stores recovery codes only as hashes', async () => {
    const { ports, secret } = await enrolling()
    const confirmation = await confirm(ports, codeFor(ports, secret))
    const [shown = ''] = confirmation.kind === 'confirmed' ? confirmation.recoveryCodes : []
    const secretPart = shown.replaceAll('-', '').slice(4)
    expect(secretPart).toHaveLength(12)
    expect(JSON.stringify(readAlice(ports))).not.toContain(secretPart)
  })

  test('opens the door: the next code logs in', async () => {
    const { ports, secret } = await enrolling()
    await confirm(ports, codeFor(ports, secret))
    const answer = { kind: 'code', code: codeFor(ports, secret, 1) } as const
    const { decision } = await verifyLogin(ports, buildPolicy(), buildRequest(), answer)
    expect(decision.outcome).toBe('accepted')
  })

  test('tells by how much the clock of the device is off, and confirms nothing', async () => {
    // Of a secret drawn by chance a nearer step may show the same code.
    const { ports, secret } = await enrolling({ secret: Buffer.from(SECRET) })
    const before = readAlice(ports)
    expect(await confirm(ports, codeFor(ports, secret, 120))).toEqual({
      kind: 'other-time',
      offsetSeconds: 3600,
    })
    expect(readAlice(ports)).toEqual(before)
  })

  test('with a wrong code confirms nothing', async () => {
    const { ports } = await enrolling({ parameters: { ...EIGHT_DIGITS } })
    const before = readAlice(ports)
    expect(await confirm(ports, '123456')).toEqual({ kind: 'wrong' })
    expect(readAlice(ports)).toEqual(before)
    expect(ports.memory.audit).toHaveLength(1)
  })

  test('keeps the codes that an enrolment without confirmation has handed out', async () => {
    const { ports, secret } = await enrolling({ countsUnconfirmed: true, mintCodes: true })
    const { oneTimeCodes } = readAlice(ports)
    const confirmation = await confirm(ports, codeFor(ports, secret))
    expect(confirmation).toMatchObject({ kind: 'confirmed', recoveryCodes: [] })
    expect(readAlice(ports).oneTimeCodes).toEqual(oneTimeCodes)
  })

  test('mints no codes where none are wanted', async () => {
    const { ports, secret } = await enrolling()
    await confirm(ports, codeFor(ports, secret), { mintCodes: false })
    expect(readAlice(ports).oneTimeCodes).toEqual([])
  })

  test('ends the denial that a reset left', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await resetAccount(ports, { name: ALICE, actor: 'root', reason: undefined })
    const { secret } = await enrollDevice(ports, buildEnrollInput())
    expect(await confirm(ports, codeFor(ports, secret))).toMatchObject({ kind: 'confirmed' })
    expect(readAlice(ports).account.override).toBeUndefined()
  })

  test('twice at once succeeds once', async () => {
    const { ports, secret } = await enrolling()
    const code = codeFor(ports, secret)
    const both = await Promise.allSettled([confirm(ports, code), confirm(ports, code)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(readAlice(ports).oneTimeCodes).toHaveLength(10)
  })

  test('by the one device that was meant says when another enrolment has replaced it', async () => {
    const ports = createTestPorts()
    const first = await enrollDevice(ports, buildEnrollInput())
    const second = await enrollDevice(ports, buildEnrollInput())
    const meant = { deviceId: first.device.id }
    const replaced = { code: 'ERR_DEVICE_UNKNOWN', message: expect.stringContaining('replaced') }
    const code = codeFor(ports, second.secret)
    await expect(confirm(ports, code, meant)).rejects.toMatchObject(replaced)
    expect(await confirm(ports, code, { deviceId: second.device.id })).toMatchObject({
      kind: 'confirmed',
    })
    await expect(confirm(ports, code, meant)).rejects.toMatchObject(replaced)
    await resetAccount(ports, { name: ALICE, actor: 'root', reason: undefined })
    await expect(confirm(ports, code, meant)).rejects.toMatchObject({
      code: 'ERR_DEVICE_UNKNOWN',
      message: expect.not.stringContaining('replaced'),
    })
  })

  test('is an error where nothing waits for it, or the name is not known', async () => {
    const ports = createTestPorts()
    await expect(confirm(ports, '123456')).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
    await enrollAlice(ports)
    await expect(confirm(ports, '123456')).rejects.toMatchObject({ code: 'ERR_DEVICE_UNKNOWN' })
  })
})

const EIGHT_DIGITS = { kind: 'totp', algorithm: 'SHA1', digits: 8, periodSeconds: 30 } as const
