import { describe, expect, test } from 'vitest'
import { renewRecoveryCodes } from '../../src/app/renew-recovery-codes.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { parseAnswer } from '../../src/domain/answer.ts'
import type { DenialReason } from '../../src/domain/decision.ts'
import { hashConnection, issueTicket } from '../../src/domain/ticket.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest, SSH_CONNECTION } from '../support/login-fixture.ts'

const RESET = { name: ALICE, actor: 'root', reason: 'lost phone' }
/** The form of a recovery code, with a selector that none has unless it is drawn by chance. */
const INVENTED = 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'

function verify(ports: TestPorts, typed: string, request = buildRequest()) {
  return verifyLogin(ports, buildPolicy(), request, parseAnswer(Buffer.from(typed)))
}

async function reasonOf(ports: TestPorts, typed: string): Promise<DenialReason | 'accepted'> {
  const { decision } = await verify(ports, typed)
  return decision.outcome === 'denied' ? decision.reason : 'accepted'
}

async function enrolled() {
  const ports = createTestPorts()
  const { secret, recoveryCodes } = await enrollAlice(ports)
  return { ports, secret, recoveryCodes, recoveryCode: recoveryCodes[0] ?? '' }
}

/** The same code with another last character: right selector, wrong secret. */
function misspell(code: string): string {
  return code.slice(0, -1) + (code.endsWith('7') ? '8' : '7')
}

describe('a login with a code', () => {
  test('is accepted once, and leaves a ticket and one record', async () => {
    const { ports, secret } = await enrolled()
    const rows = ports.memory.audit.length
    const { decision, facts, audit } = await verify(ports, codeFor(ports, secret))
    expect(decision).toEqual({ outcome: 'accepted', method: 'totp', device: 'phone' })
    expect(facts?.name).toBe(ALICE)
    expect(audit?.seq).toBe(rows + 1)
    expect(ports.memory.audit).toHaveLength(rows + 1)
    expect(readAlice(ports).account.lastLoginAt).toBe(ports.now())
    expect(readAlice(ports).tickets).toEqual([
      issueTicket(
        hashConnection(SSH_CONNECTION),
        { method: 'totp', provesFirstFactor: false },
        ports.now(),
      ),
    ])
    expect(await reasonOf(ports, codeFor(ports, secret))).toBe('code-replayed')
    expect(ports.hasher.compared).toEqual([])
  })

  test('lets exactly one of a hundred in at once', async () => {
    const { ports, secret } = await enrolled()
    const code = codeFor(ports, secret)
    const all = await Promise.all(Array.from({ length: 100 }, () => reasonOf(ports, code)))
    expect(all.filter((reason) => reason === 'accepted')).toHaveLength(1)
    expect(all.filter((reason) => reason === 'code-replayed')).toHaveLength(99)
    expect(readAlice(ports).account.throttle.code.consecutiveFailures).toBe(0)
  })

  test('refuses the code that confirmed the enrolment', async () => {
    const { ports, secret } = await enrolled()
    ports.clock.move(-60)
    expect(await reasonOf(ports, codeFor(ports, secret))).toBe('code-replayed')
  })

  test('leaves a right code unused during a wait, and takes it afterwards', async () => {
    const { ports, secret } = await enrolled()
    for (let failure = 0; failure < 5; failure++) {
      expect(await reasonOf(ports, codeFor(ports, secret, 50))).toBe('code-wrong')
    }
    const before = readAlice(ports)
    expect(await reasonOf(ports, codeFor(ports, secret, 1))).toBe('throttled')
    expect(readAlice(ports)).toEqual(before)
    ports.clock.move(30)
    expect(await reasonOf(ports, codeFor(ports, secret))).toBe('accepted')
  })

  test('says only that the user is unknown where the host knows none, and looks nothing up', async () => {
    const { ports } = await enrolled()
    const report = await verify(ports, '123456', buildRequest({ user: 'Alice' }))
    expect(report).toEqual({
      decision: { outcome: 'denied', reason: 'user-unknown' },
      facts: undefined,
      audit: undefined,
    })
  })

  test('fails where the passwd database cannot be asked: that is no unknown user', async () => {
    const { ports } = await enrolled()
    const passwd = {
      ...ports.passwd,
      findByName: () => {
        throw new Error('LDAP is down')
      },
    }
    const attempt = verify({ ...ports, passwd }, '123456')
    await expect(attempt).rejects.toThrow('LDAP is down')
  })

  test('fails where the secret does not open, and changes nothing', async () => {
    const { ports, secret } = await enrolled()
    const state = readAlice(ports)
    const devices = state.devices.map((device) => ({ ...device, id: 'f'.repeat(32) }))
    ports.memory.write(ALICE, { ...state, devices })
    const attempt = verify(ports, codeFor(ports, secret))
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_SEALED_INVALID' })
    expect(readAlice(ports)).toEqual({ ...state, devices })
  })
})

describe('a login with a recovery code', () => {
  test('is accepted once, refunds its charge, and says how many are left', async () => {
    const { ports, recoveryCode } = await enrolled()
    const { decision } = await verify(ports, recoveryCode.toLowerCase())
    expect(decision).toEqual({ outcome: 'accepted', method: 'recovery', recoveryCodesLeft: 9 })
    const { throttle } = readAlice(ports).account
    expect(throttle.oneTimeCode).toMatchObject({ consecutiveFailures: 0, recentFailures: [] })
    expect(readAlice(ports).tickets).toMatchObject([{ method: 'recovery' }])
    expect(await reasonOf(ports, recoveryCode)).toBe('code-wrong')
    expect(readAlice(ports).account.throttle.oneTimeCode.consecutiveFailures).toBe(1)
  })

  test('takes two records, the second of which names the first', async () => {
    const { ports, recoveryCode } = await enrolled()
    const { audit } = await verify(ports, recoveryCode)
    const [unfinished, accepted] = ports.memory.audit.slice(-2)
    expect(unfinished).toMatchObject({ outcome: 'unfinished', method: 'one-time-code' })
    expect(accepted).toMatchObject({ outcome: 'accepted', completes: (audit?.seq ?? 0) - 1 })
  })

  test('lets exactly one of twenty in at once', async () => {
    const { ports, recoveryCode } = await enrolled()
    const all = await Promise.all(Array.from({ length: 20 }, () => reasonOf(ports, recoveryCode)))
    expect(all.filter((reason) => reason === 'accepted')).toHaveLength(1)
  })

  test('costs exactly one hash, whether right, misspelt, used or of no selector at all', async () => {
    const { ports, recoveryCode, recoveryCodes } = await enrolled()
    const { hasher } = ports
    for (const typed of [recoveryCode, recoveryCode, misspell(recoveryCodes[1] ?? ''), INVENTED]) {
      const before = hasher.compared.length
      await verify(ports, typed)
      expect(hasher.compared.length - before).toBe(1)
    }
    const compared = hasher.compared.map((hash) => hash !== undefined)
    expect(compared).toEqual([true, false, true, false])
  })

  test('is refused and charged with one character wrong, and the right one stays unused', async () => {
    const { ports, recoveryCode } = await enrolled()
    expect(await reasonOf(ports, misspell(recoveryCode))).toBe('code-wrong')
    expect(readAlice(ports).account.throttle.oneTimeCode.consecutiveFailures).toBe(1)
    expect(readAlice(ports).tickets).toEqual([])
    expect(await reasonOf(ports, recoveryCode)).toBe('accepted')
  })

  test('costs no hash during a wait', async () => {
    const { ports, recoveryCode } = await enrolled()
    for (let failure = 0; failure < 5; failure++) await verify(ports, INVENTED)
    expect(await reasonOf(ports, recoveryCode)).toBe('throttled')
    expect(ports.hasher.compared).toHaveLength(5)
  })

  test('that dies over the hash stays charged and unfinished, and the code unused', async () => {
    const { ports, recoveryCode } = await enrolled()
    ports.hasher.meanwhile(() => Promise.reject(new Error('killed')))
    await expect(verify(ports, recoveryCode)).rejects.toThrow('killed')
    expect(readAlice(ports).account.throttle.oneTimeCode.consecutiveFailures).toBe(1)
    expect(ports.memory.audit.at(-1)).toMatchObject({ outcome: 'unfinished' })
    expect(readAlice(ports).tickets).toEqual([])
    expect(await reasonOf(ports, recoveryCode)).toBe('accepted')
    expect(readAlice(ports).account.throttle.oneTimeCode.recentFailures).toHaveLength(1)
  })

  test('is refused where an admin resets the account over the hash', async () => {
    const { ports, recoveryCode } = await enrolled()
    ports.hasher.meanwhile(() => resetAccount(ports, RESET))
    expect(await reasonOf(ports, recoveryCode)).toBe('must-enroll')
    expect(readAlice(ports).tickets).toEqual([])
  })

  test('is refused where new codes are made over the hash', async () => {
    const { ports, recoveryCode } = await enrolled()
    ports.hasher.meanwhile(() => renewRecoveryCodes(ports, { ...RESET, reason: undefined }))
    expect(await reasonOf(ports, recoveryCode)).toBe('code-wrong')
    expect(readAlice(ports).oneTimeCodes.every(({ usesLeft }) => usesLeft === 1)).toBe(true)
  })

  test('is refused where another login uses it over the hash', async () => {
    const { ports, recoveryCode } = await enrolled()
    const meanwhile: string[] = []
    ports.hasher.meanwhile(async () => meanwhile.push(await reasonOf(ports, recoveryCode)))
    expect(await reasonOf(ports, recoveryCode)).toBe('code-wrong')
    expect(meanwhile).toEqual(['accepted'])
  })

  test('ends a lock of codes', async () => {
    const { ports, secret, recoveryCode } = await enrolled()
    const state = readAlice(ports)
    const code = { consecutiveFailures: 100, recentFailures: [], wait: undefined }
    const throttle = { ...state.account.throttle, code }
    ports.memory.write(ALICE, { ...state, account: { ...state.account, throttle } })
    expect(await reasonOf(ports, codeFor(ports, secret))).toBe('locked')
    expect(await reasonOf(ports, recoveryCode)).toBe('accepted')
    expect(await reasonOf(ports, codeFor(ports, secret))).toBe('accepted')
  })
})

describe('denials without a charge', () => {
  test('share one record, and before a first factor there is none', async () => {
    const { ports } = await enrolled()
    const rows = ports.memory.audit.length
    for (let time = 0; time < 10; time++) await verify(ports, '', buildRequest({ authInfo: '' }))
    expect(ports.memory.audit).toHaveLength(rows)
    for (let time = 0; time < 10; time++) await verify(ports, 'hunter2')
    expect(ports.memory.audit).toHaveLength(rows + 1)
    expect(readAlice(ports).account.throttle.code.consecutiveFailures).toBe(0)
  })
})

describe('before a first factor is proven', () => {
  const CODE_ALONE = buildPolicy({ codeAlone: ['sshd'] })

  test('nobody is looked up where it has to be', async () => {
    const { ports } = await enrolled()
    const findByName = () => {
      throw new Error('asked')
    }
    const untouched = { ...ports, passwd: { ...ports.passwd, findByName } }
    const report = await verify(untouched, '123456', buildRequest({ authInfo: '' }))
    expect(report.decision).toEqual({ outcome: 'denied', reason: 'first-factor-missing' })
  })

  test('names the host does not know share a record where a code may be all there is', async () => {
    const { ports } = await enrolled()
    const rows = ports.memory.audit.length
    for (const user of ['mallory', 'trent', '']) {
      const request = buildRequest({ user, authInfo: '' })
      const { decision } = await verifyLogin(
        ports,
        CODE_ALONE,
        request,
        parseAnswer(Buffer.from('123456')),
      )
      expect(decision).toEqual({ outcome: 'denied', reason: 'user-unknown' })
    }
    expect(ports.memory.audit.slice(rows)).toMatchObject([{ reason: 'user-unknown' }])
  })
})

describe('a one-time code where no first factor is asked for', () => {
  const AT_CONSOLE = { tty: '/dev/tty1', sshConnection: undefined, authInfo: undefined }

  test.each([
    ['somebody enrolled', 'alice'],
    ['a name that the host does not know', 'mallory'],
  ])('takes exactly one hash for %s', async (_, user) => {
    const { ports } = await enrolled()
    await verify(ports, INVENTED, buildRequest({ ...AT_CONSOLE, user }))
    expect(ports.hasher.compared).toEqual([undefined])
  })

  test('takes one hash also while the account waits', async () => {
    const { ports } = await enrolled()
    for (let failure = 0; failure < 6; failure++) {
      await verify(ports, INVENTED, buildRequest(AT_CONSOLE))
    }
    expect(ports.hasher.compared).toHaveLength(6)
  })

  test('takes none over SSH before a first factor is proven', async () => {
    const { ports } = await enrolled()
    await verify(ports, INVENTED, buildRequest({ authInfo: undefined }))
    expect(ports.hasher.compared).toEqual([])
  })
})
