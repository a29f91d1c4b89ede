import { describe, expect, test } from 'vitest'
import { renewRecoveryCodes } from '../../src/app/renew-recovery-codes.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { showSecret } from '../../src/app/show-secret.ts'
import { unlockAccount } from '../../src/app/unlock-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const INPUT = { name: ALICE, actor: 'root', reason: 'ticket 4711' }
const FRESH = {
  code: FRESH_THROTTLE,
  oneTimeCode: FRESH_THROTTLE,
  knownSource: FRESH_THROTTLE,
  local: FRESH_THROTTLE,
}

async function logIn(ports: TestPorts, typed: string): Promise<string> {
  const request = buildRequest()
  const { decision } = await verifyLogin(ports, buildPolicy(), request, parseTypedCode(typed))
  return decision.outcome === 'denied' ? decision.reason : decision.outcome
}

/** Alice after five wrong codes, who has to wait. */
async function waiting() {
  const ports = createTestPorts()
  const { secret, recoveryCodes } = await enrollAlice(ports)
  for (let failure = 0; failure < 5; failure++) await logIn(ports, codeFor(ports, secret, 50))
  expect(await logIn(ports, codeFor(ports, secret))).toBe('throttled')
  return { ports, secret, recoveryCodes }
}

const ACTS = {
  reset: resetAccount,
  unlock: unlockAccount,
  'recovery-new': renewRecoveryCodes,
  'show-secret': (ports: TestPorts, input: typeof INPUT) =>
    showSecret(ports, { ...input, label: undefined }),
} as const

describe.each(Object.entries(ACTS))('%s', (action, act) => {
  test('is on the record once, with who did it and why', async () => {
    const { ports } = await waiting()
    const rows = ports.memory.audit.length
    await act(ports, INPUT)
    expect(ports.memory.audit.slice(rows)).toMatchObject([
      { action, actor: 'root', reason: 'ticket 4711', outcome: 'done' },
    ])
  })

  test('is an error for a name that has no account, and leaves none behind', async () => {
    const ports = createTestPorts()
    await expect(act(ports, INPUT)).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
    expect(ports.memory.read(ALICE).kind).toBe('never-known')
    expect(ports.memory.audit).toEqual([])
  })
})

describe('a reset', () => {
  test('takes devices, codes and failures away, says how many, and leaves nobody in', async () => {
    const { ports, secret, recoveryCodes } = await waiting()
    expect(await resetAccount(ports, INPUT)).toMatchObject({ devices: 1, recoveryCodes: 10 })
    const { account, devices, oneTimeCodes } = readAlice(ports)
    expect({ devices, oneTimeCodes }).toEqual({ devices: [], oneTimeCodes: [] })
    expect(account.throttle).toEqual(FRESH)
    expect(account.override).toEqual({ kind: 'must-enroll', reason: 'ticket 4711' })
    expect(await logIn(ports, codeFor(ports, secret))).toBe('must-enroll')
    expect(await logIn(ports, recoveryCodes[0] ?? '')).toBe('must-enroll')
  })

  test('can be repeated', async () => {
    const { ports } = await waiting()
    await resetAccount(ports, INPUT)
    expect(await resetAccount(ports, INPUT)).toMatchObject({ devices: 0, recoveryCodes: 0 })
  })
})

describe('an unlock', () => {
  test('ends the wait and forgets the failures, and nothing else', async () => {
    const { ports, secret } = await waiting()
    const before = readAlice(ports)
    await unlockAccount(ports, INPUT)
    expect(readAlice(ports)).toEqual({
      ...before,
      account: { ...before.account, throttle: FRESH },
    })
    expect(await logIn(ports, codeFor(ports, secret))).toBe('accepted')
  })
})

describe('new recovery codes', () => {
  test('work, and the old ones no longer do', async () => {
    const { ports, recoveryCodes } = await waiting()
    const fresh = await renewRecoveryCodes(ports, INPUT)
    expect(fresh).toHaveLength(10)
    expect(readAlice(ports).oneTimeCodes).toHaveLength(10)
    expect(await logIn(ports, recoveryCodes[0] ?? '')).toBe('code-wrong')
    expect(await logIn(ports, fresh[0] ?? '')).toBe('accepted')
  })

  test('are refused to somebody without a device: they are a second way in', async () => {
    const { ports } = await waiting()
    await resetAccount(ports, INPUT)
    const rows = ports.memory.audit.length
    await expect(renewRecoveryCodes(ports, INPUT)).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(readAlice(ports).oneTimeCodes).toEqual([])
    expect(ports.memory.audit).toHaveLength(rows)
  })
})

describe('showing a secret', () => {
  test('gives the one that was enrolled, and puts the device on the record', async () => {
    const { ports, secret } = await waiting()
    const shown = await showSecret(ports, { ...INPUT, label: 'phone' })
    expect(shown.secret).toEqual(secret)
    expect(ports.memory.audit.at(-1)).toMatchObject({ device: 'phone' })
    expect(JSON.stringify(ports.memory.audit)).not.toContain(secret.toString('hex'))
  })

  test('wants a label where there are several devices', async () => {
    const { ports } = await waiting()
    const state = readAlice(ports)
    const [phone] = state.devices
    const devices = phone ? [phone, { ...phone, id: 'f'.repeat(32), label: 'token' }] : []
    ports.memory.write(ALICE, { ...state, devices })
    const rows = ports.memory.audit.length
    await expect(showSecret(ports, { ...INPUT, label: undefined })).rejects.toMatchObject({
      code: 'ERR_DEVICE_UNKNOWN',
      hint: expect.stringContaining('phone, token'),
    })
    await expect(showSecret(ports, { ...INPUT, label: 'watch' })).rejects.toMatchObject({
      code: 'ERR_DEVICE_UNKNOWN',
    })
    expect(ports.memory.audit).toHaveLength(rows)
    expect((await showSecret(ports, { ...INPUT, label: 'phone' })).device.label).toBe('phone')
  })

  test('is an error where there is no device', async () => {
    const { ports } = await waiting()
    await resetAccount(ports, INPUT)
    await expect(showSecret(ports, { ...INPUT, label: undefined })).rejects.toMatchObject({
      code: 'ERR_DEVICE_UNKNOWN',
    })
  })
})
