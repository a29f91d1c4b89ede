import { describe, expect, test } from 'vitest'
import { tryLogin } from '../../src/app/try-login.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import { ALICE } from '../support/account-fixture.ts'
import { codeFor, createTestPorts, enrollAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildFacts, buildPolicy, buildRequest } from '../support/login-fixture.ts'

const ALLOW = buildPolicy({ unenrolled: 'allow' })

function attempt(ports: TestPorts, typed: string | undefined, policy = buildPolicy()) {
  const answer = typed === undefined ? undefined : parseTypedCode(typed)
  return tryLogin(ports, policy, buildFacts(), answer)
}

async function enrolled() {
  const ports = createTestPorts()
  return { ports, ...(await enrollAlice(ports)) }
}

describe('trying a login', () => {
  test('gives the verdict of a real one, and changes nothing', async () => {
    const { ports, secret, recoveryCodes } = await enrolled()
    const state = ports.memory.read(ALICE)
    const rows = ports.memory.audit.length
    const right = codeFor(ports, secret)
    expect(await attempt(ports, right)).toMatchObject({ outcome: 'accepted', device: 'phone' })
    expect(await attempt(ports, recoveryCodes[0])).toMatchObject({
      outcome: 'accepted',
      recoveryCodesLeft: 9,
    })
    expect(await attempt(ports, codeFor(ports, secret, 50))).toMatchObject({ reason: 'code-wrong' })
    expect(await attempt(ports, 'ZZZZ-ZZZZ-ZZZZ-ZZZZ')).toMatchObject({ reason: 'code-wrong' })
    expect(await attempt(ports, 'hunter2')).toMatchObject({ reason: 'not-a-code' })
    expect(ports.memory.read(ALICE)).toBe(state)
    expect(ports.memory.audit).toHaveLength(rows)
    const { decision } = await verifyLogin(ports, buildPolicy(), buildRequest(), {
      kind: 'code',
      code: right,
    })
    expect(decision.outcome).toBe('accepted')
  })

  test('without an answer says whether an excuse would let it pass', async () => {
    const ports = createTestPorts()
    expect(await attempt(ports, undefined)).toMatchObject({ reason: 'not-excused' })
    expect(await attempt(ports, undefined, ALLOW)).toMatchObject({ outcome: 'excused' })
    await enrollAlice(ports)
    expect(await attempt(ports, undefined, ALLOW)).toMatchObject({ reason: 'not-excused' })
  })

  test('with a code needs one: an excuse does not make it right', async () => {
    const ports = createTestPorts()
    expect(await attempt(ports, '123456', ALLOW)).toMatchObject({ reason: 'not-enrolled' })
  })
})
