import { beforeEach, describe, expect, test } from 'vitest'
import { unlockAccount } from '../../src/app/unlock-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { addSeconds, formatTime } from '../../src/base/time.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import { ALICE } from '../support/account-fixture.ts'
import { createTestPorts, enrollAlice, readAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import { runOn } from './fake-cli.ts'

const FAILURES = 5

describe('wrong recovery codes', () => {
  let ports: TestPorts
  let recoveryCode: string | undefined

  beforeEach(async () => {
    ports = createTestPorts()
    recoveryCode = (await enrollAlice(ports)).recoveryCodes[0]
    const wrong = parseTypedCode('ZZZZ-ZZZZ-ZZZZ-ZZZZ')
    for (let attempt = 0; attempt < FAILURES; attempt++) {
      await verifyLogin(ports, buildPolicy(), buildRequest(), wrong)
    }
  })

  test('are shown with the wait they bring on, apart from wrong codes', async () => {
    const { stdout } = await runOn(ports, ['show', 'alice'])
    const until = formatTime(addSeconds(ports.now(), 30))
    expect(stdout).toContain('Wrong codes:     0 in a row\nLocked:          no\n')
    expect(stdout).toContain(
      `Wrong recovery:  5 in a row\nRecovery locked: until ${until}, or: otpgate unlock alice\n`,
    )
    const { stdout: json } = await runOn(ports, ['show', 'alice', '--json'])
    expect(JSON.parse(json)).toMatchObject({
      failures: 0,
      lock: null,
      recovery_failures: 5,
      recovery_lock: { kind: 'waiting', until },
    })
  })

  test('are still shown when the wait is over, and no more once they are forgotten', async () => {
    ports.clock.move(60)
    const { stdout } = await runOn(ports, ['show', 'alice'])
    expect(stdout).toContain('Wrong recovery:  5 in a row\nRecovery locked: no\n')
    await unlockAccount(ports, { name: ALICE, actor: 'root', reason: undefined })
    expect((await runOn(ports, ['show', 'alice'])).stdout).not.toMatch(/recovery:|recovery locked/i)
  })

  test('that have locked for good end by unlock alone: a recovery code would not be judged', async () => {
    const state = readAlice(ports)
    const { throttle } = state.account
    const oneTimeCode = { ...throttle.oneTimeCode, consecutiveFailures: 100 }
    const account = { ...state.account, throttle: { ...throttle, oneTimeCode } }
    ports.memory.write(ALICE, { ...state, account })
    const { stdout } = await runOn(ports, ['show', 'alice'])
    expect(stdout).toContain('Recovery locked: until: otpgate unlock alice\n')
  })

  test('put the person on the list of those who are kept out', async () => {
    const { stdout } = await runOn(ports, ['list', '--locked'])
    expect(stdout).toMatch(/^alice .* 5 recovery +in 30 seconds /m)
    const { stdout: json } = await runOn(ports, ['list', '--locked', '--json'])
    expect(JSON.parse(json)).toMatchObject([{ user: 'alice', recovery_lock: { kind: 'waiting' } }])
    ports.clock.move(60)
    expect((await runOn(ports, ['list', '--locked'])).stderr).toBe('nobody')
  })

  test('are what test names when it denies the next one', async () => {
    const args = ['test', 'alice']
    const { status, stdout } = await runOn(ports, args, { answers: [recoveryCode ?? ''] })
    expect(status).toBe(1)
    expect(stdout).toMatch(/^NO +recovery throttle +5 failures in a row, no recovery code judged /m)
    expect(stdout).toContain('alice would be denied: throttled.')
  })
})
