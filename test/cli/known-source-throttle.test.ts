import { beforeEach, describe, expect, test } from 'vitest'
import { unlockAccount } from '../../src/app/unlock-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { addSeconds, formatTime } from '../../src/base/time.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import { ALICE } from '../support/account-fixture.ts'
import { codeFor, createTestPorts, enrollAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import { runOn } from './fake-cli.ts'

const HOME = '192.0.2.7'
const ELSEWHERE = '198.51.100.9'
const FREE = buildPolicy().throttle.freeFailures

describe('wrong codes from a known source, while those of a stranger have brought on a wait', () => {
  let ports: TestPorts
  let secret: Buffer

  beforeEach(async () => {
    ports = createTestPorts()
    secret = (await enrollAlice(ports)).secret
    await type(HOME, codeFor(ports, secret))
    for (let guess = 0; guess < FREE; guess++) await type(ELSEWHERE, '00000000')
  })

  async function type(address: string, typed: string): Promise<string> {
    const sshConnection = `${address} 50000 192.0.2.1 22`
    // As `otpgate test` has it where no key is named.
    const request = buildRequest({ sshConnection, authInfo: 'publickey' })
    const { decision } = await verifyLogin(ports, buildPolicy(), request, parseTypedCode(typed))
    return decision.outcome === 'denied' ? decision.reason : decision.outcome
  }

  const show = async () => (await runOn(ports, ['show', 'alice'])).stdout
  const explain = (from: string) =>
    runOn(ports, ['test', 'alice', '--from', from], { answers: [''] })

  test('are shown by show, list and test once there are any, and forgotten by unlock', async () => {
    expect(await show()).not.toContain('Known sources')
    await type(HOME, '00000000')
    expect(await show()).toContain('Known sources:   1 wrong codes in a row; locked: no\n')
    const json = JSON.parse((await runOn(ports, ['show', 'alice', '--json'])).stdout)
    expect(json).toMatchObject({
      failures: FREE,
      known_source_failures: 1,
      known_source_lock: null,
    })
    expect((await runOn(ports, ['list'])).stdout).toContain(` ${FREE}, 1 known source `)
    expect((await explain(ELSEWHERE)).stdout).toMatch(/^ok +known source throttle +1 failure /m)
    await unlockAccount(ports, { name: ALICE, actor: 'root', reason: undefined })
    expect(await show()).not.toContain('Known sources')
    expect((await explain(HOME)).stdout).not.toContain('known source throttle')
  })

  test('are judged there alone; test explains it for each address', async () => {
    ports.clock.move(30)
    await type(ELSEWHERE, '00000000')
    expect(await type(ELSEWHERE, codeFor(ports, secret))).toBe('throttled')
    const strange = await explain(ELSEWHERE)
    expect(strange.stdout).toMatch(/^NO +throttle +6 failures in a row, no code judged until /m)
    const known = await explain(HOME)
    expect(known.stdout).toMatch(/^ok +throttle +6 failures .*, but this source is known/m)
    expect(known.stdout).toMatch(/^ok +known source throttle +0 failures in a row/m)
    expect(await type(HOME, codeFor(ports, secret))).toBe('accepted')
  })

  test('have a limit of their own, which show and test tell of', async () => {
    for (let guess = 0; guess < FREE; guess++) await type(HOME, '00000000')
    expect(await type(HOME, codeFor(ports, secret))).toBe('throttled')
    // Five are the day's as well, so the wait is until the first of them is a day old.
    const until = formatTime(addSeconds(ports.now(), 86_400))
    expect(await show()).toContain(
      `Known sources:   5 wrong codes in a row; locked: until ${until}, or: otpgate unlock alice\n`,
    )
    const { status, stdout } = await explain(HOME)
    expect(stdout).toMatch(/^NO +throttle /m)
    expect(stdout).toMatch(/^NO +known source throttle +5 failures in a row, no code from here /m)
    expect(status).toBe(1)
  })
})
