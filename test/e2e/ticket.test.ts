import { expect, test } from 'vitest'
import { countTickets } from '../support/audit-record.ts'
import { addCodeService, BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'
import { runPamTester } from '../support/pam-tester.ts'

const OTHER_CONNECTION = { ...BEHIND_A_KEY, SSH_CONNECTION: '192.0.2.7 50001 192.0.2.1 22' }

describeOnHost('the ticket of a right code', (onHost) => {
  test('passes the account phase of its own connection, once', async () => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate)
    const { name: user, app } = await enroll()
    const other = await enroll()
    const account = (env: Readonly<Record<string, string>>, name = user) =>
      runPamTester({ service, user: name, env, operations: ['acct_mgmt'] })

    expect((await account(BEHIND_A_KEY)).ok).toBe(false)
    const run = { service, user, env: BEHIND_A_KEY, answers: [codeOf(app)] }
    expect((await runPamTester(run)).ok).toBe(true)
    expect(countTickets(otpgate)).toBe(1)
    expect((await account(OTHER_CONNECTION)).ok).toBe(false)
    expect((await account(BEHIND_A_KEY, other.name)).ok).toBe(false)
    expect((await account({ SSH_CONNECTION: BEHIND_A_KEY.SSH_CONNECTION })).ok).toBe(false)
    expect((await account(BEHIND_A_KEY)).ok).toBe(true)
    expect(countTickets(otpgate)).toBe(0)
    expect((await account(BEHIND_A_KEY)).ok).toBe(false)
  })
})
