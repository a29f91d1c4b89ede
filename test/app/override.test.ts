import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { confirmDevice } from '../../src/app/confirm-device.ts'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { inviteAccount } from '../../src/app/invite-account.ts'
import { rebindAccount } from '../../src/app/rebind-account.ts'
import { removeAccount } from '../../src/app/remove-account.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { resumeAccount } from '../../src/app/resume-account.ts'
import { suspendAccount } from '../../src/app/suspend-account.ts'
import { clearWaiver, waiveAccount } from '../../src/app/waive-account.ts'
import { addSeconds } from '../../src/base/time.ts'
import type { AccountState, KnownAccount } from '../../src/domain/account.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { ALICE, buildRecoveryCode, toAccountName } from '../support/account-fixture.ts'
import { buildEnrollInput } from '../support/app-fixture.ts'
import { type OverrideWorld, openMemoryWorld, openSqliteWorld } from '../support/override-world.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const DAY = 86_400
const OTHER_UID = 4711
const ADMIN = { name: ALICE, actor: 'root', reason: 'ticket 4711' }
const { parameters } = buildEnrollInput()

const scratch = useScratchDirectory()

describe.each([
  { what: 'in memory', open: openMemoryWorld },
  { what: 'in an SQLite file', open: () => openSqliteWorld(scratch) },
])('with a store $what', ({ open }) => {
  let world: OverrideWorld
  beforeEach(() => {
    world = open()
  })
  afterEach(() => world.close())

  const invite = ({ withCode = false, days = 7 } = {}) =>
    inviteAccount(world.ports, {
      ...ADMIN,
      entry: world.entry(),
      until: addSeconds(world.now(), days * DAY),
      withCode,
    })
  const waive = (days = 1) =>
    waiveAccount(world.ports, {
      ...ADMIN,
      entry: world.entry(),
      until: addSeconds(world.now(), days * DAY),
    })
  const suspend = () => suspendAccount(world.ports, { ...ADMIN, entry: world.entry() })
  const resume = () => resumeAccount(world.ports, ADMIN)
  const reset = () => resetAccount(world.ports, ADMIN)
  const remove = () => removeAccount(world.ports, ADMIN)
  const rebind = () => rebindAccount(world.ports, { ...ADMIN, entry: world.entry() })

  /** A phone that counts, and ten recovery codes. */
  async function enroll() {
    const input = { countsUnconfirmed: true, mintCodes: true, entry: world.entry() }
    const { secret, recoveryCodes } = await enrollDevice(world.ports, buildEnrollInput(input))
    return { code: () => codeFrom(secret), recovery: recoveryCodes[0] ?? '' }
  }

  /** A phone by its first code, as `otpgate enroll` does it. */
  async function enrollAndConfirm() {
    const { secret } = await enrollDevice(world.ports, buildEnrollInput({ entry: world.entry() }))
    const code = codeFrom(secret)
    const input = { name: ALICE, actor: 'root', code, window: 1, mintCodes: false }
    expect(await confirmDevice(world.ports, input)).toMatchObject({ kind: 'confirmed' })
    world.moveClock(60)
    return { code: () => codeFrom(secret) }
  }

  function codeFrom(secret: Buffer): string {
    return generateCode(secret, parameters, stepAt(world.now(), 30))
  }

  async function known(): Promise<KnownAccount> {
    const state: AccountState = await world.find()
    return state.kind === 'known' ? state : expect.unreachable('alice is not known')
  }
  const overrideKind = async () => (await known()).account.override?.kind
  const codeKinds = async () => new Set((await known()).oneTimeCodes.map(({ kind }) => kind))

  /** Code of a help desk and a source that is remembered, put there as a login and an admin would. */
  async function addPassingProofs() {
    const { firstFactor, network } = { firstFactor: 'SHA256:key', network: '192.0.2.7' }
    const at = world.now()
    const source = { firstFactor, network, lastSuccessAt: at, rememberedAt: at }
    await world.ports.store.transact(ALICE, () => ({
      changes: [
        { kind: 'add-one-time-code', code: buildRecoveryCode({ kind: 'bypass' }) },
        { kind: 'put-source', source },
      ],
      result: undefined,
    }))
  }

  /** `act` fails, and leaves everything as it was. */
  async function expectRefused(act: () => Promise<unknown>, code: string) {
    const before = await world.find()
    const rows = (await world.audit()).length
    await expect(act()).rejects.toMatchObject({ code })
    expect(await world.find()).toEqual(before)
    expect(await world.audit()).toHaveLength(rows)
  }

  describe('an invitation', () => {
    test('lets somebody unknown in without a code up to its date, and no longer', async () => {
      await invite()
      expect(await known()).toMatchObject({ account: { uid: world.entry().uid }, devices: [] })
      expect(await world.excuse()).toBe('invited')
      world.moveClock(7 * DAY - 1)
      expect(await world.excuse()).toBe('invited')
      world.moveClock(1)
      expect(await world.excuse()).toBe('not-excused')
      expect(await world.type('123456')).toBe('not-enrolled')
    })

    test('ends when a device is confirmed', async () => {
      await invite({ withCode: true })
      const { code } = await enrollAndConfirm()
      expect(await overrideKind()).toBeUndefined()
      expect(await world.excuse()).toBe('not-excused')
      expect(await world.type(code())).toBe('totp')
    })

    test('comes with one code at most, that ends with it and is no second factor', async () => {
      const first = await invite({ withCode: true })
      const { code = '' } = await invite({ withCode: true })
      expect(code).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/)
      expect(code).not.toBe(first.code)
      const { account, oneTimeCodes } = await known()
      expect(account.override).toMatchObject({ needsCode: true, reason: 'ticket 4711' })
      expect(oneTimeCodes).toMatchObject([
        { kind: 'invitation', usesLeft: 1, expiresAt: addSeconds(world.now(), 7 * DAY) },
      ])
      expect(await world.type(code)).toBe('code-wrong')
    })

    test('without a code takes back the code of the one before', async () => {
      await invite({ withCode: true })
      expect(await invite()).toEqual({ code: undefined })
      expect((await known()).oneTimeCodes).toEqual([])
      expect((await known()).account.override).toMatchObject({ needsCode: false })
    })

    test('is refused to somebody enrolled, and to somebody suspended', async () => {
      await enroll()
      await expectRefused(invite, 'ERR_ACCOUNT_EXISTS')
      await suspend()
      await expectRefused(invite, 'ERR_REFUSED')
    })

    test('is refused where the name has another uid than its devices, also to waive', async () => {
      await enroll()
      world.setUid(OTHER_UID)
      await expectRefused(invite, 'ERR_ACCOUNT_UID_CHANGED')
      await expectRefused(waive, 'ERR_ACCOUNT_UID_CHANGED')
    })

    test('after a reset is for whoever has the name now', async () => {
      await enroll()
      await reset()
      world.setUid(OTHER_UID)
      await invite()
      expect((await known()).account.uid).toBe(OTHER_UID)
      expect(await world.excuse()).toBe('invited')
    })
  })

  describe('a waiver', () => {
    test('spares an enrolled person the code up to its date', async () => {
      const { code } = await enroll()
      await waive()
      expect(await world.excuse()).toBe('waived')
      world.moveClock(DAY)
      expect(await world.excuse()).toBe('not-excused')
      expect(await world.type(code())).toBe('totp')
    })

    test('is ended by hand, once', async () => {
      await enroll()
      await waive()
      await clearWaiver(world.ports, ADMIN)
      expect(await world.excuse()).toBe('not-excused')
      await expectRefused(() => clearWaiver(world.ports, ADMIN), 'ERR_REFUSED')
    })

    test('takes the place of an invitation, its code included', async () => {
      await invite({ withCode: true })
      await waive()
      expect(await overrideKind()).toBe('waived')
      expect((await known()).oneTimeCodes).toEqual([])
    })

    test('outlives the confirmation of a device', async () => {
      await waive()
      await enrollAndConfirm()
      expect(await world.excuse()).toBe('waived')
    })

    test('is refused to somebody suspended', async () => {
      await suspend()
      await expectRefused(waive, 'ERR_REFUSED')
    })
  })

  describe('a suspension', () => {
    test('denies a right code and a recovery code until it is ended', async () => {
      const { code, recovery } = await enroll()
      await suspend()
      expect(await world.excuse()).toBe('suspended')
      expect(await world.type(code())).toBe('suspended')
      expect(await world.type(recovery)).toBe('suspended')
      await resume()
      expect(await world.type(code())).toBe('totp')
      expect(await world.type(recovery)).toBe('recovery')
      await expectRefused(resume, 'ERR_REFUSED')
    })

    test('takes away what was handed out or remembered for a while, and nothing else', async () => {
      await enroll()
      await addPassingProofs()
      await suspend()
      expect(await codeKinds()).toEqual(new Set(['recovery']))
      expect((await known()).sources).toMatchObject([{ rememberedAt: undefined }])
      expect((await known()).devices).toHaveLength(1)
    })

    test('takes the place of an invitation, which does not come back', async () => {
      await invite({ withCode: true })
      await suspend()
      expect((await known()).oneTimeCodes).toEqual([])
      await resume()
      expect(await world.excuse()).toBe('not-excused')
    })

    test('outlives a reset and the confirmation of a new device', async () => {
      await enroll()
      await suspend()
      expect(await reset()).toEqual({ devices: 1, recoveryCodes: 10, isSuspended: true })
      const { code } = await enrollAndConfirm()
      expect(await world.type(code())).toBe('suspended')
      await resume()
      expect(await world.type(code())).toBe('totp')
    })

    test('reaches somebody unknown, but no name that nobody has', async () => {
      await suspend()
      expect(await world.excuse()).toBe('suspended')
      const nobody = { ...ADMIN, name: toAccountName('nobody-here'), entry: undefined }
      await expect(suspendAccount(world.ports, nobody)).rejects.toMatchObject({
        code: 'ERR_ACCOUNT_UNKNOWN',
      })
    })
  })

  describe('a reset', () => {
    test('drops codes of every kind and all known sources, and asks for a new device', async () => {
      await enroll()
      await addPassingProofs()
      await reset()
      const { oneTimeCodes, sources, devices } = await known()
      expect({ oneTimeCodes, sources, devices }).toEqual({
        oneTimeCodes: [],
        sources: [],
        devices: [],
      })
      expect(await overrideKind()).toBe('must-enroll')
      const { code } = await enrollAndConfirm()
      expect(await world.type(code())).toBe('totp')
    })

    test('ends an invitation with its code', async () => {
      await invite({ withCode: true })
      await reset()
      expect(await world.excuse()).toBe('must-enroll')
      expect((await known()).oneTimeCodes).toEqual([])
    })
  })

  describe('a removal', () => {
    test('leaves the audit log and nothing else', async () => {
      const { code } = await enroll()
      expect(await world.type(code())).toBe('totp')
      const rows = await world.audit()
      expect(await remove()).toEqual({ devices: 1, recoveryCodes: 10 })
      expect(await world.find()).toEqual({ kind: 'never-known', tickets: [] })
      const after = await world.audit()
      expect(after.slice(0, -1)).toEqual(rows)
      expect(after.at(-1)).toMatchObject({ action: 'remove', reason: 'ticket 4711' })
      await expectRefused(remove, 'ERR_ACCOUNT_UNKNOWN')
    })

    test('makes room for somebody else of the same name', async () => {
      await enroll()
      await remove()
      world.setUid(OTHER_UID)
      const { code } = await enroll()
      expect(await world.type(code())).toBe('totp')
    })
  })

  describe('a rebinding', () => {
    test('lets the same phone and the same recovery codes in under the new uid', async () => {
      const { code, recovery } = await enroll()
      world.setUid(OTHER_UID)
      expect(await world.type(code())).toBe('uid-changed')
      const before = (await known()).devices[0]?.sealedSecret
      expect(await rebind()).toEqual({ from: 1000, to: OTHER_UID, devices: 1 })
      expect((await known()).devices[0]?.sealedSecret).not.toEqual(before)
      expect(await world.type(code())).toBe('totp')
      expect(await world.type(recovery)).toBe('recovery')
    })

    test('is refused where the uid is the same, and where nobody is known', async () => {
      await expectRefused(rebind, 'ERR_ACCOUNT_UNKNOWN')
      await enroll()
      await expectRefused(rebind, 'ERR_REFUSED')
    })

    test('keeps a suspension', async () => {
      const { code } = await enroll()
      await suspend()
      world.setUid(OTHER_UID)
      await rebind()
      expect(await world.type(code())).toBe('suspended')
    })
  })

  test('each of them is on the record once, with who did it and why', async () => {
    await invite()
    await waive()
    await clearWaiver(world.ports, ADMIN)
    await suspend()
    await resume()
    await reset()
    world.setUid(OTHER_UID)
    await rebind()
    await remove()
    const rows = await world.audit()
    expect(rows.map(({ action }) => action)).toEqual([
      'invite',
      'waive',
      'waive-clear',
      'suspend',
      'resume',
      'reset',
      'rebind',
      'remove',
    ])
    for (const { actor, reason, outcome } of rows) {
      expect({ actor, reason, outcome }).toEqual({
        actor: 'root',
        reason: 'ticket 4711',
        outcome: 'done',
      })
    }
  })
})
