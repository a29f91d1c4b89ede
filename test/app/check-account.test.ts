import { describe, expect, test } from 'vitest'
import { checkAccount } from '../../src/app/check-account.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { ALICE } from '../support/account-fixture.ts'
import { codeFor, createTestPorts, enrollAlice, type TestPorts } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const POLICY = buildPolicy()

async function loggedIn(): Promise<TestPorts> {
  const ports = createTestPorts()
  const { secret } = await enrollAlice(ports)
  const code = codeFor(ports, secret)
  const { decision } = await verifyLogin(ports, POLICY, buildRequest(), { kind: 'code', code })
  expect(decision.outcome).toBe('accepted')
  return ports
}

async function outcomeOf(ports: TestPorts, request = buildRequest()): Promise<string> {
  const { decision } = await checkAccount(ports, POLICY, request)
  return decision.outcome === 'denied' ? decision.reason : decision.outcome
}

describe('the account phase', () => {
  test('lets a proven login through once, and adds no record to the one there is', async () => {
    const ports = await loggedIn()
    const rows = ports.memory.audit.length
    expect(await outcomeOf(ports)).toBe('accepted')
    expect(ports.memory.audit).toHaveLength(rows)
    expect(await outcomeOf(ports)).toBe('ticket-missing')
  })

  test('refuses another connection, and leaves the ticket to its own', async () => {
    const ports = await loggedIn()
    const sshConnection = '192.0.2.7 50001 192.0.2.1 22'
    expect(await outcomeOf(ports, buildRequest({ sshConnection }))).toBe('ticket-missing')
    expect(await outcomeOf(ports)).toBe('accepted')
  })

  test('refuses a login that sshd finished with one method', async () => {
    const ports = await loggedIn()
    expect(await outcomeOf(ports, buildRequest({ authInfo: '' }))).toBe('ticket-missing')
  })

  test('refuses a login whose account was reset after the code', async () => {
    const ports = await loggedIn()
    await resetAccount(ports, { name: ALICE, actor: 'root', reason: undefined })
    expect(await outcomeOf(ports)).toBe('must-enroll')
  })

  test('refuses a user the host does not know', async () => {
    const ports = await loggedIn()
    expect(await outcomeOf(ports, buildRequest({ user: 'mallory' }))).toBe('user-unknown')
  })

  test('has forgotten the ticket after the time a login may take', async () => {
    const ports = await loggedIn()
    ports.clock.move(150)
    expect(await outcomeOf(ports)).toBe('ticket-missing')
  })
})
