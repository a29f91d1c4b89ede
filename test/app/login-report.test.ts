import { describe, expect, test } from 'vitest'
import type { LoginRequest } from '../../src/app/gather-facts.ts'
import { formatLogRecord } from '../../src/app/log-record.ts'
import { type LoginReport, toLogRecord } from '../../src/app/login-report.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { buildFacts, buildRequest } from '../support/login-fixture.ts'

const audit = { seq: 42, hash: 'deadbeef'.repeat(8) }
const denied: Decision = { outcome: 'denied', reason: 'code-wrong' }

function lineOf(report: LoginReport, request: LoginRequest): string {
  return formatLogRecord(toLogRecord(report, request))
}

function priorityOf(decision: Decision) {
  return toLogRecord({ decision, facts: undefined, audit: undefined }, buildRequest()).priority
}

describe('the log line of a login', () => {
  test('says who, how and from where, and where the record stands in the audit chain', () => {
    const decision: Decision = { outcome: 'accepted', method: 'totp', device: "alice's phone" }
    const line = lineOf({ decision, facts: buildFacts(), audit }, buildRequest())
    expect(line).toBe(
      'accepted user=alice method=totp device="alice\'s phone" from=192.0.2.7 service=sshd ' +
        'first="publickey SHA256:key" audit=42:deadbeef',
    )
  })

  test('names the rule of an excuse, and the reason of a denial', () => {
    const rest = { facts: buildFacts(), audit: undefined }
    const excused: Decision = { outcome: 'excused', rule: 'unenrolled-allowed' }
    expect(lineOf({ ...rest, decision: excused }, buildRequest())).toContain(
      'excused user=alice rule=unenrolled-allowed from=',
    )
    expect(lineOf({ ...rest, decision: denied }, buildRequest())).toContain(
      'denied user=alice reason=code-wrong from=',
    )
  })

  test('shows the host as PAM names it where nothing better is known', () => {
    const line = lineOf(
      { decision: denied, facts: undefined, audit: undefined },
      buildRequest({ remoteHost: 'host.example', sshConnection: undefined }),
    )
    expect(line).toBe('denied user=alice reason=code-wrong from=host.example service=sshd')
  })

  test('shows the address of the connection also where nobody was looked up', () => {
    const report = { decision: denied, facts: undefined, audit: undefined }
    const line = lineOf(report, buildRequest({ remoteHost: 'host.example' }))
    expect(line).toContain(' from=192.0.2.7 ')
  })

  test.each([
    { what: 'a second field', user: 'a reason=none', shown: '"a reason\\x3dnone"' },
    { what: 'an equals sign', user: 'a=b', shown: '"a\\x3db"' },
    { what: 'a quoted field', user: 'a" audit="1', shown: '"a\\x22 audit\\x3d\\x221"' },
    {
      what: 'a second line',
      user: 'a\naccepted user=root',
      shown: '"a\\x0aaccepted user\\x3droot"',
    },
    { what: 'a terminal sequence', user: '\x1b]0;x\x07', shown: '\\x1b]0;x\\x07' },
    { what: 'nothing', user: '', shown: '""' },
  ])('cannot be forged by a name with $what in it', ({ user, shown }) => {
    const report = { decision: denied, facts: undefined, audit: undefined }
    const nowhere = { remoteHost: undefined, sshConnection: undefined }
    const line = lineOf(report, buildRequest({ user, ...nowhere }))
    expect(line).toBe(`denied user=${shown} reason=code-wrong service=sshd`)
  })

  test('stays short, however long the name is', () => {
    const report = { decision: denied, facts: undefined, audit: undefined }
    const line = lineOf(report, buildRequest({ user: 'x'.repeat(40_000) }))
    expect(line.length).toBeLessThan(400)
  })
})

test('a host clock that went back is a warning, a denial a notice, a login information', () => {
  expect(priorityOf({ outcome: 'denied', reason: 'clock-behind' })).toBe('warning')
  expect(priorityOf(denied)).toBe('notice')
  expect(priorityOf({ outcome: 'accepted', method: 'totp' })).toBe('info')
  expect(priorityOf({ outcome: 'excused', rule: 'unenrolled-allowed' })).toBe('info')
})

test('a login by an emergency rule is an alert, whether the database could be used or not', () => {
  expect(priorityOf({ outcome: 'excused', rule: 'glass', isEmergency: true })).toBe('alert')
})
