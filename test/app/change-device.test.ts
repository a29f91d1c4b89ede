import { describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { removeDevice } from '../../src/app/remove-device.ts'
import { renameDevice } from '../../src/app/rename-device.ts'
import { addSeconds } from '../../src/base/time.ts'
import { RECOVERY_CODES } from '../../src/domain/one-time-code.ts'
import type { Override } from '../../src/domain/override.ts'
import { ALICE, buildRecoveryCode, NOW } from '../support/account-fixture.ts'
import {
  buildEnrollInput,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
} from '../support/app-fixture.ts'
import { addTo, BY_ROOT, labelsOf, logIn } from './device-act.ts'

async function withTablet() {
  const ports = createTestPorts()
  const { secret } = await enrollAlice(ports)
  const tablet = await addTo(ports)
  return { ports, phone: secret, tablet: tablet.secret }
}

describe('removing a device', () => {
  test('ends what its codes were good for, and leaves the others', async () => {
    const { ports, phone, tablet } = await withTablet()
    const wasLast = await removeDevice(ports, { ...BY_ROOT, label: 'phone', force: false })
    expect(wasLast).toBe(false)
    expect(labelsOf(ports)).toEqual(['tablet'])
    expect(ports.memory.audit.at(-1)).toMatchObject({ action: 'device-remove', device: 'phone' })
    expect(await logIn(ports, codeFor(ports, phone))).toBe('code-wrong')
    expect(await logIn(ports, codeFor(ports, tablet))).toBe('accepted')
  })

  test('is refused for the last one that counts, unless forced: then nobody gets in', async () => {
    const { ports } = await withTablet()
    const remove = (label: string, force = false) =>
      removeDevice(ports, { ...BY_ROOT, reason: 'stolen', label, force })
    await remove('phone')
    await expect(remove('tablet')).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(labelsOf(ports)).toEqual(['tablet'])
    expect(await remove('tablet', true)).toBe(true)
    expect(readAlice(ports).account.override).toEqual({ kind: 'must-enroll', reason: 'stolen' })
    expect(await logIn(ports, '123456')).toBe('must-enroll')
  })

  test('does not take one that is not confirmed for the last that counts', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    await addTo(ports, { countsUnconfirmed: false })
    await removeDevice(ports, { ...BY_ROOT, label: 'tablet', force: false })
    await addTo(ports, { countsUnconfirmed: false })
    const input = { ...BY_ROOT, label: 'phone', force: false }
    await expect(removeDevice(ports, input)).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  })

  test('by force leaves a suspension, and no login remembered', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const override: Override = { kind: 'suspended', reason: 'leave' }
    const source = { network: '192.0.2.7', firstFactor: 'password' }
    const times = { lastSuccessAt: ports.now(), rememberedAt: ports.now() }
    await ports.store.transact(ALICE, () => ({
      changes: [
        { kind: 'set-override', override },
        { kind: 'put-source', source: { ...source, ...times } },
      ],
      result: undefined,
    }))
    await removeDevice(ports, { ...BY_ROOT, label: 'phone', force: true })
    expect(readAlice(ports)).toMatchObject({
      account: { override },
      sources: [{ rememberedAt: undefined }],
    })
  })

  test('by force takes the codes along that stood in for it, as a reset does', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const bypass = { kind: 'bypass', selector: 'BYPA', expiresAt: addSeconds(NOW, 3600) } as const
    await ports.store.transact(ALICE, () => ({
      changes: [
        { kind: 'add-one-time-code', code: buildRecoveryCode({ id: 'bypass', ...bypass }) },
      ],
      result: undefined,
    }))
    expect(readAlice(ports).oneTimeCodes).toHaveLength(RECOVERY_CODES + 1)
    await removeDevice(ports, { ...BY_ROOT, label: 'phone', force: true })
    expect(readAlice(ports).oneTimeCodes).toEqual([])
  })

  test('that is not there, or of somebody unknown, is an error', async () => {
    const ports = createTestPorts()
    const input = { ...BY_ROOT, label: 'tablet', force: true }
    await expect(removeDevice(ports, input)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
    await enrollAlice(ports)
    await expect(removeDevice(ports, input)).rejects.toMatchObject({
      code: 'ERR_DEVICE_UNKNOWN',
      hint: 'there is: phone',
    })
  })
})

describe('renaming a device', () => {
  test('changes its label alone, and its codes are good as before', async () => {
    const { ports, phone } = await withTablet()
    const [before] = readAlice(ports).devices
    await renameDevice(ports, { ...BY_ROOT, label: 'phone', newLabel: 'old phone' })
    expect(readAlice(ports).devices[0]).toEqual({ ...before, label: 'old phone' })
    expect(ports.memory.audit.at(-1)).toMatchObject({
      action: 'device-rename',
      device: 'phone -> old phone',
    })
    expect(await logIn(ports, codeFor(ports, phone))).toBe('accepted')
  })

  test('is refused where another one, or itself, is called so', async () => {
    const { ports } = await withTablet()
    for (const newLabel of ['tablet', 'phone']) {
      const input = { ...BY_ROOT, label: 'phone', newLabel }
      await expect(renameDevice(ports, input)).rejects.toMatchObject({ code: 'ERR_DEVICE_EXISTS' })
    }
    expect(labelsOf(ports)).toEqual(['phone', 'tablet'])
  })
})

describe('a confirmation', () => {
  const suspended: Override = { kind: 'suspended', reason: undefined }
  const mustEnroll: Override = { kind: 'must-enroll', reason: undefined }

  test.each([
    { override: suspended, left: suspended },
    { override: mustEnroll, left: undefined },
  ])('by enroll --no-confirm leaves of $override.kind what it must', async ({ override, left }) => {
    const ports = createTestPorts()
    await enrollDevice(ports, buildEnrollInput())
    await ports.store.transact(ALICE, () => ({
      changes: [{ kind: 'set-override', override }],
      result: undefined,
    }))
    await enrollDevice(ports, buildEnrollInput({ countsUnconfirmed: true }))
    expect(readAlice(ports).account.override).toEqual(left)
  })

  test('by the first code at a login ends an invitation, and not a waiver', async () => {
    for (const kind of ['invited', 'waived'] as const) {
      const ports = createTestPorts()
      const input = buildEnrollInput({ countsUnconfirmed: true })
      const { secret } = await enrollDevice(ports, input)
      const term = { since: ports.now(), until: addSeconds(ports.now(), 3600) }
      const override: Override =
        kind === 'invited'
          ? { kind, reason: undefined, ...term, needsCode: false }
          : { kind, reason: 'trip', ...term }
      await ports.store.transact(ALICE, () => ({
        changes: [{ kind: 'set-override', override }],
        result: undefined,
      }))
      expect(await logIn(ports, codeFor(ports, secret))).toBe('accepted')
      expect(readAlice(ports).account.override).toEqual(kind === 'waived' ? override : undefined)
    }
  })
})
