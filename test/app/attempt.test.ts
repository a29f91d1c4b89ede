import { expect, test } from 'vitest'
import { judgeLogin, type LoginMode } from '../../src/app/judge-login.ts'
import type { AttemptId } from '../../src/domain/attempt.ts'
import { codeFor, createTestPorts, enrollAlice, readAlice } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest, THROTTLE } from '../support/login-fixture.ts'

const FIRST = '01'.repeat(16) as AttemptId
const OTHER = '02'.repeat(16) as AttemptId

/** Alice enrolled, and a way to ask about her as two verifiers would be asked. */
async function openCase(policy = buildPolicy()) {
  const ports = { ...createTestPorts(), passwords: { isRight: () => false } }
  const { secret, recoveryCodes } = await enrollAlice(ports)
  const ask = async (mode: LoginMode, attempt: AttemptId | undefined, typed = '') => {
    const login = { mode, policy, request: buildRequest({ attempt }), typed: Buffer.from(typed) }
    return (await judgeLogin(ports, login)).decision
  }
  const recoveryCode = recoveryCodes[0] ?? ''
  return { ports, ask, code: codeFor(ports, secret), recoveryCode }
}

test('a right code whose yes was lost is a yes once more, by the same attempt alone', async () => {
  const { ports, ask, code } = await openCase()
  const yes = await ask('code', FIRST, code)
  expect(yes).toMatchObject({ outcome: 'accepted' })
  const rows = ports.memory.audit.length
  expect(await ask('code', FIRST, code)).toEqual(yes)
  expect(ports.memory.audit).toHaveLength(rows)
  const replayed = { outcome: 'denied', reason: 'code-replayed' }
  expect(await ask('code', OTHER, code)).toMatchObject(replayed)
  expect(await ask('code', undefined, code)).toMatchObject(replayed)
})

test('a recovery code is used up once, and nothing is charged for asking twice', async () => {
  const { ports, ask, recoveryCode } = await openCase()
  expect(await ask('code', FIRST, recoveryCode)).toMatchObject({ outcome: 'accepted' })
  const { oneTimeCodes, account } = readAlice(ports)
  expect(await ask('code', FIRST, recoveryCode)).toMatchObject({ method: 'recovery' })
  expect(readAlice(ports)).toMatchObject({ oneTimeCodes, account })
})

test('a recovery code whose comparing was cut off is charged once, and right in the end', async () => {
  const strict = { ...THROTTLE, freeFailures: 1 }
  const { ports, ask, recoveryCode } = await openCase(buildPolicy({}, { throttle: strict }))
  const { verify } = ports.hasher
  ports.hasher.verify = () => Promise.reject(new Error('killed'))
  await expect(ask('code', FIRST, recoveryCode)).rejects.toThrow('killed')
  const charged = readAlice(ports).account.throttle.oneTimeCode
  expect(charged.consecutiveFailures).toBe(1)
  const rows = ports.memory.audit.length
  await expect(ask('code', FIRST, recoveryCode)).rejects.toThrow('killed')
  expect(readAlice(ports).account.throttle.oneTimeCode).toEqual(charged)
  ports.hasher.verify = verify
  expect(await ask('code', OTHER, recoveryCode)).toMatchObject({ reason: 'throttled' })
  expect(await ask('code', FIRST, recoveryCode)).toMatchObject({ method: 'recovery' })
  expect(readAlice(ports).account.throttle.oneTimeCode.consecutiveFailures).toBe(0)
  const since = ports.memory.audit.slice(rows).filter(({ outcome }) => outcome === 'accepted')
  expect(since).toMatchObject([{ completes: rows }])
})

test('a ticket that is gone with the yes is a yes once more', async () => {
  const { ports, ask, code } = await openCase()
  await ask('code', FIRST, code)
  expect(await ask('account', OTHER)).toMatchObject({ outcome: 'accepted' })
  expect(readAlice(ports).tickets).toEqual([])
  expect(await ask('account', OTHER)).toMatchObject({ outcome: 'accepted' })
  const third = '03'.repeat(16) as AttemptId
  expect(await ask('account', third)).toMatchObject({ reason: 'ticket-missing' })
})

test('an excuse is on the record once', async () => {
  const exemption = {
    ...{ name: 'office', users: ['alice'], isEmergency: false },
    ...{ exceptUsers: [], exceptGroups: [] },
  }
  const { ports, ask } = await openCase(buildPolicy({ exemptions: [exemption] }))
  expect(await ask('excused', FIRST)).toMatchObject({ outcome: 'excused', rule: 'office' })
  expect(await ask('excused', FIRST)).toMatchObject({ outcome: 'excused', rule: 'office' })
  expect(ports.memory.audit.filter(({ outcome }) => outcome === 'excused')).toHaveLength(1)
})

test('a wrong code is judged again: only a yes is kept', async () => {
  const { ports, ask, code } = await openCase()
  const wrong = code === '000000' ? '000001' : '000000'
  expect(await ask('code', FIRST, wrong)).toMatchObject({ reason: 'code-wrong' })
  expect(await ask('code', FIRST, code)).toMatchObject({ outcome: 'accepted' })
  expect(readAlice(ports).tickets).toHaveLength(1)
})

test('a minute later nobody is answered any more', async () => {
  const { ports, ask, code } = await openCase()
  await ask('code', FIRST, code)
  ports.clock.move(60)
  expect(await ask('code', FIRST, code)).toMatchObject({ outcome: 'denied' })
})
