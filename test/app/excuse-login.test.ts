import { describe, expect, test } from 'vitest'
import { checkAccount } from '../../src/app/check-account.ts'
import { excuseLogin } from '../../src/app/excuse-login.ts'
import { FIRST_FACTOR_MISSING } from '../../src/app/login-report.ts'
import { ALICE } from '../support/account-fixture.ts'
import { createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const ALLOW = buildPolicy({ unenrolled: 'allow' })

describe('a login before the question', () => {
  test('of somebody never known leaves a ticket and a record, and the account phase takes it', async () => {
    const ports = createTestPorts()
    const { decision, audit } = await excuseLogin(ports, ALLOW, buildRequest())
    expect(decision).toEqual({ outcome: 'excused', rule: 'unenrolled-allowed' })
    expect(audit?.seq).toBe(1)
    expect(ports.memory.read(ALICE)).toMatchObject({
      kind: 'never-known',
      tickets: [{ method: 'excuse' }],
    })
    const account = await checkAccount(ports, ALLOW, buildRequest())
    expect(account.decision).toEqual({ outcome: 'accepted', method: 'excuse' })
    expect(ports.memory.read(ALICE).tickets).toEqual([])
    expect(ports.memory.audit).toHaveLength(1)
  })

  test('writes nothing where it does not excuse', async () => {
    const ports = createTestPorts()
    const store = {
      transact: () => expect.unreachable('a transaction was begun'),
    }
    await enrollAlice(ports)
    for (const request of [buildRequest(), buildRequest({ authInfo: undefined })]) {
      const { decision } = await excuseLogin({ ...ports, store }, ALLOW, request)
      expect(decision.outcome).toBe('denied')
    }
  })

  test('without a first factor is nobody as yet, and nobody is looked up', async () => {
    const ports = createTestPorts()
    const unreachable = () => expect.unreachable('somebody was looked up')
    const passwd = { ...ports.passwd, findByName: unreachable, findGroups: unreachable }
    const register = { ...ports.register, find: unreachable }
    for (const authInfo of [undefined, '', 'keyboard-interactive/pam\n']) {
      const request = buildRequest({ authInfo })
      const report = await excuseLogin({ ...ports, passwd, register }, ALLOW, request)
      expect(report).toEqual(FIRST_FACTOR_MISSING)
    }
  })

  test('is judged again with the writing: an enrolment in between ends the excuse', async () => {
    const ports = createTestPorts()
    const register = {
      ...ports.register,
      find: async () => {
        const seen = ports.memory.read(ALICE)
        await enrollAlice(ports)
        return seen
      },
    }
    const { decision } = await excuseLogin({ ...ports, register }, ALLOW, buildRequest())
    expect(decision).toEqual({ outcome: 'denied', reason: 'not-excused' })
    expect(ports.memory.read(ALICE).tickets).toEqual([])
  })

  test('of a user the host does not know is denied', async () => {
    const ports = createTestPorts()
    const report = await excuseLogin(ports, ALLOW, buildRequest({ user: 'ALICE' }))
    expect(report.decision).toEqual({ outcome: 'denied', reason: 'user-unknown' })
  })
})
