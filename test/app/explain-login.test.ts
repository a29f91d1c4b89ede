import { describe, expect, test } from 'vitest'
import { explainLogin } from '../../src/app/explain-login.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import { codeFor, createTestPorts, enrollAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildFacts, buildPolicy, buildRequest } from '../support/login-fixture.ts'

const WRONG_RECOVERY_CODE = 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'
const POLICY = buildPolicy()

function explain(ports: TestPorts, typed?: string, facts = buildFacts(), policy = POLICY) {
  return explainLogin(ports, policy, facts, typed === undefined ? undefined : parseTypedCode(typed))
}

/** Names of the checks that say NO, in order. */
async function obstacles(ports: TestPorts, typed?: string): Promise<readonly string[]> {
  const { checks } = await explain(ports, typed)
  return checks.filter(({ isGood }) => !isGood).map(({ name }) => name)
}

/** Alice, whose wrong answers of this kind have brought on a wait. */
async function throttledBy(typed: string) {
  const ports = createTestPorts()
  const alice = await enrollAlice(ports)
  for (let attempt = 0; attempt < POLICY.throttle.freeFailures; attempt++) {
    await verifyLogin(ports, POLICY, buildRequest(), parseTypedCode(typed))
  }
  return { ports, ...alice }
}

describe('explaining a login', () => {
  test('after wrong recovery codes finds what stands in the way of another one', async () => {
    const { ports, secret, recoveryCodes } = await throttledBy(WRONG_RECOVERY_CODE)
    expect(await obstacles(ports, recoveryCodes[0])).toEqual(['recovery throttle'])
    expect(await obstacles(ports, codeFor(ports, secret))).toEqual([])
    expect(await obstacles(ports)).toEqual(['recovery throttle'])
  })

  test('after wrong codes finds that a recovery code is free', async () => {
    const { ports, secret, recoveryCodes } = await throttledBy('00000000')
    expect(await obstacles(ports, codeFor(ports, secret))).toEqual(['throttle'])
    expect(await obstacles(ports, recoveryCodes[0])).toEqual([])
    expect(await obstacles(ports)).toEqual(['throttle'])
  })

  test('agrees with the verdict on an answer: no denial for a wait without a NO', async () => {
    const { ports, recoveryCodes } = await throttledBy(WRONG_RECOVERY_CODE)
    const { checks, prospect } = await explain(ports, recoveryCodes[0])
    expect(prospect).toMatchObject({
      kind: 'judged',
      decision: { outcome: 'denied', reason: 'throttled' },
    })
    expect(checks.at(-1)).toMatchObject({
      finding: expect.stringMatching(/^5 failures in a row, no recovery code judged until \d{4}-/),
      isGood: false,
    })
  })

  test('without an answer comes to the question, or to an excuse', async () => {
    const ports = createTestPorts()
    const allow = buildPolicy({ unenrolled: 'allow' })
    expect((await explain(ports, undefined, buildFacts(), allow)).prospect).toMatchObject({
      kind: 'judged',
      decision: { outcome: 'excused' },
    })
    expect((await explain(ports)).prospect).toEqual({ kind: 'asked', isFine: false })
    await enrollAlice(ports)
    expect((await explain(ports)).prospect).toEqual({ kind: 'asked', isFine: true })
  })

  test('leads to the question without a first factor only where none is needed', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const bare = { firstFactor: undefined }
    const sudo = buildFacts({ ...bare, service: 'sudo', isSsh: false })
    expect((await explain(ports, undefined, sudo)).prospect).toEqual({
      kind: 'asked',
      isFine: true,
    })
    expect((await explain(ports, undefined, buildFacts(bare))).prospect).toMatchObject({
      kind: 'judged',
      decision: { reason: 'first-factor-missing' },
    })
  })
})
