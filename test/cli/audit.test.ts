import { describe, expect, test } from 'vitest'
import type { AuditRow } from '../../src/domain/audit-event.ts'
import { NOW } from '../support/account-fixture.ts'
import { createTestPorts } from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const ROW: AuditRow = {
  seq: 1,
  at: NOW,
  actor: 'root',
  action: 'enroll',
  outcome: 'done',
  account: 'gone',
  count: 1,
  previousHash: '',
  hash: '',
}

describe('audit of one person', () => {
  test('finds somebody who is gone from everywhere but the log', async () => {
    const { status, stdout } = await runOn(createTestPorts(), ['audit', 'gone'], { rows: [ROW] })
    expect(status).toBe(0)
    expect(stdout).toContain('gone')
  })

  test('of whom nothing is recorded yet is no error', async () => {
    const seen = await runOn(createTestPorts(), ['audit', 'alice'], { rows: [ROW] })
    expect(seen).toEqual({ status: 0, stdout: '', stderr: 'nothing recorded' })
  })

  test.each([[], ['--json']])('refuses a name that nobody knows, %s', async (...options) => {
    const args = ['audit', 'gnoe', ...options]
    const { status, stdout, stderr } = await runOn(createTestPorts(), args, { rows: [ROW] })
    expect(status).toBe(3)
    expect(stdout).toMatch(options.length === 0 ? /^$/ : /^\{"error":.*"ERR_USER_UNKNOWN"/)
    expect(stderr).toContain('no such user: gnoe')
  })
})
