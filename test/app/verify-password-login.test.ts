import { describe, expect, test } from 'vitest'
import { checkAccount } from '../../src/app/check-account.ts'
import { verifyPasswordLogin } from '../../src/app/verify-password-login.ts'
import { AppError } from '../../src/base/errors.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

/** Its end and a code of six digits look like a code of eight. */
const PASSWORD = 'correct horse 12'
const NO_FACTOR = buildRequest({ authInfo: undefined })

/** A host on which this is alice's password; notes what is checked. */
function withPassword(ports: TestPorts) {
  const checked: (string | undefined)[] = []
  const passwords = {
    isRight: (name: string | undefined, password: Buffer) => {
      checked.push(name)
      return name === ALICE && password.toString() === PASSWORD
    },
  }
  const login = (typed: string | Buffer, request = NO_FACTOR) =>
    verifyPasswordLogin({ ...ports, passwords }, buildPolicy(), request, Buffer.from(typed))
  return { checked, login }
}

async function enrolled() {
  const ports = createTestPorts()
  const { secret, recoveryCodes } = await enrollAlice(ports)
  const code = codeFor(ports, secret)
  const rows = ports.memory.audit.length
  return { ports, code, recoveryCode: recoveryCodes[0] ?? '', rows, ...withPassword(ports) }
}

describe('a login with password and code in one answer', () => {
  test('is accepted, and its ticket carries both through the account phase', async () => {
    const { ports, code, login } = await enrolled()
    const { decision, facts } = await login(PASSWORD + code)
    expect(decision).toEqual({ outcome: 'accepted', method: 'totp', device: 'phone' })
    expect(facts?.firstFactor?.method).toBe('password')
    expect(ports.memory.audit.at(-1)).toMatchObject({ firstFactor: 'password' })
    expect(readAlice(ports).tickets).toMatchObject([{ provesFirstFactor: true }])
    const account = await checkAccount(ports, buildPolicy(), NO_FACTOR)
    expect(account.decision.outcome).toBe('accepted')
    expect((await login(PASSWORD + code)).decision).toMatchObject({ reason: 'code-replayed' })
  })

  test('takes a recovery code with its hyphens', async () => {
    const { recoveryCode, login } = await enrolled()
    const { decision } = await login(PASSWORD + recoveryCode)
    expect(decision).toEqual({ outcome: 'accepted', method: 'recovery', recoveryCodesLeft: 9 })
  })

  test('keeps the factor that sshd has proven before on the record', async () => {
    const { code, login } = await enrolled()
    const { facts } = await login(PASSWORD + code, buildRequest())
    expect(facts?.firstFactor?.method).toBe('publickey')
    expect(facts?.provesFirstFactor).toBe(true)
  })

  test('with a wrong password is not charged, not recorded, and burns no code', async () => {
    const { ports, code, recoveryCode, rows, login } = await enrolled()
    for (const typed of [`wrong${code}`, `wrong${recoveryCode}`, 'wrong000000']) {
      const { decision, facts } = await login(typed)
      expect(decision).toEqual({ outcome: 'denied', reason: 'password-wrong' })
      expect(facts).toBeUndefined()
    }
    expect(ports.memory.audit).toHaveLength(rows)
    expect(readAlice(ports).account.throttle.code.consecutiveFailures).toBe(0)
    expect(readAlice(ports).account.throttle.oneTimeCode.consecutiveFailures).toBe(0)
    expect(ports.hasher.compared).toEqual([])
    expect((await login(PASSWORD + code)).decision.outcome).toBe('accepted')
  })

  test('with a wrong code is charged', async () => {
    const { ports, code, login } = await enrolled()
    const wrong = code === '000000' ? '111111' : '000000'
    expect((await login(PASSWORD + wrong)).decision).toMatchObject({ reason: 'code-wrong' })
    expect(readAlice(ports).account.throttle.code.consecutiveFailures).toBe(1)
  })

  test('tries each length of code that the person has', async () => {
    const { ports, code } = await enrolled()
    const known = readAlice(ports)
    const devices = known.devices.flatMap((device) => [device, { ...device, digits: 8 } as const])
    const register = { ...ports.register, find: async () => ({ ...known, devices }) }
    const { checked, login } = withPassword({ ...ports, register })
    expect((await login(PASSWORD + code)).decision.outcome).toBe('accepted')
    expect(checked).toEqual([ALICE, ALICE])
  })
})

describe('one password is checked', () => {
  test.each([
    { typed: '', reason: 'empty' },
    { typed: '\0', reason: 'empty' },
    { typed: `${'x'.repeat(505)}123456`, reason: 'truncated' },
    { typed: '\b\n\r\x7fINCORRECT\b\n', reason: 'refused-by-sshd' },
    { typed: PASSWORD, reason: 'not-a-code' },
    { typed: '123456', reason: 'not-a-code' },
    { typed: 'correct horse 12\0x123456', reason: 'not-a-code' },
  ])('and nothing else looked at for $reason: $typed', async ({ typed, reason }) => {
    const { checked, login, ports, rows } = await enrolled()
    expect((await login(typed)).decision).toEqual({ outcome: 'denied', reason })
    expect(checked).toEqual([undefined])
    expect(ports.memory.audit).toHaveLength(rows)
  })

  test('for a name that the host does not know, which nobody else gets to see', async () => {
    const { checked, code, login } = await enrolled()
    const request = buildRequest({ authInfo: undefined, user: 'mallory' })
    const { decision } = await login(PASSWORD + code, request)
    expect(decision).toEqual({ outcome: 'denied', reason: 'user-unknown' })
    expect(checked).toEqual([undefined])
  })

  test('for somebody who has no device, and it is on the record', async () => {
    const ports = createTestPorts()
    const { checked, login } = withPassword(ports)
    const { decision } = await login(`${PASSWORD}123456`)
    expect(decision).toMatchObject({ outcome: 'denied', reason: 'not-enrolled' })
    expect(checked).toEqual([ALICE])
    expect(ports.memory.audit).toMatchObject([{ firstFactor: 'password' }])
  })
})

describe('what was typed', () => {
  test('is overwritten, also where checking it fails', async () => {
    const ports = createTestPorts()
    const passwords = {
      isRight: () => {
        throw new AppError('ERR_PASSWORD_CHECK_FAILED', 'it is broken')
      },
    }
    const typed = Buffer.from(`${PASSWORD}123456`)
    const run = verifyPasswordLogin({ ...ports, passwords }, buildPolicy(), NO_FACTOR, typed)
    await expect(run).rejects.toMatchObject({ code: 'ERR_PASSWORD_CHECK_FAILED' })
    expect(typed).toEqual(Buffer.alloc(typed.length))
  })
})
