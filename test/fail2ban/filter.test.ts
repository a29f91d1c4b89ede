import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatLogRecord } from '../../src/app/log-record.ts'
import { toLogRecord } from '../../src/app/login-report.ts'
import type { DenialReason } from '../../src/domain/decision.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { BAN_PROGRAMS, layBanFilter } from './ban-filter.ts'

const GUEST = '192.0.2.7'
const VICTIM = '203.0.113.9'
const canRun = canRunWith('tests of the filter for fail2ban', BAN_PROGRAMS)

interface Attempt {
  readonly user?: string
  readonly reason?: DenialReason
  readonly from?: string
  readonly service?: string
}

/** A denied login as we log it, in a line as syslog writes it. */
function denied({
  user = 'alice',
  reason = 'code-wrong',
  from = GUEST,
  service = 'sshd',
}: Attempt) {
  const request = {
    user,
    service,
    tty: 'ssh',
    remoteHost: from,
    sshConnection: undefined,
    firstFactor: undefined,
  }
  const report = {
    decision: { outcome: 'denied', reason },
    facts: undefined,
    audit: undefined,
  } as const
  return inLog(formatLogRecord(toLogRecord(report, request)))
}

function inLog(message: string, tag = 'otpgate-verify[4711]'): string {
  return `Nov 22 08:17:00 bastion ${tag}: ${message}`
}

/** What somebody may try to be called, so that another is banned. */
const POISON = [
  `x from=${VICTIM}`,
  `x reason=code-wrong from=${VICTIM} service=sshd`,
  `x" reason=code-wrong from=${VICTIM} service=sshd first="`,
  `x\\" reason=code-wrong from=${VICTIM} service=sshd `,
  `x\\x22 reason\\x3dcode-wrong from\\x3d${VICTIM} service\\x3dsshd`,
  `\nNov 22 08:17:00 bastion otpgate-verify[1]: denied user=x reason=code-wrong from=${VICTIM} service=sshd`,
  `2026-11-22 08:17:00 otpgate-verify: denied user=x reason=code-wrong from=${VICTIM} service=sshd`,
  VICTIM,
  '',
  ' ',
  'x'.repeat(4000),
  '='.repeat(4000),
]

describe.skipIf(!canRun)('the filter for fail2ban', () => {
  const scratch = useScratchDirectory()

  test.each<DenialReason>([
    'code-wrong',
    'password-wrong',
    'throttled',
    'locked',
  ])('holds %s against the address it came from', (reason) => {
    const addresses = [GUEST, '2001:db8::7']
    const lines = addresses.map((from) => denied({ reason, from }))
    expect(layBanFilter(scratch).findAddresses(lines)).toEqual(addresses)
  })

  test('holds nothing against anybody that is no guess', () => {
    const reasons = ['code-replayed', 'not-a-code', 'empty', 'clock-behind', 'suspended'] as const
    const lines = [
      ...reasons.map((reason) => denied({ reason })),
      denied({ service: 'sudo' }),
      denied({ service: 'sshd2' }),
      // It has an address, but whoever owns a name says which.
      denied({ from: 'localhost' }),
      inLog(`accepted user=alice method=totp device=phone from=${GUEST} service=sshd`),
      inLog('error user=alice reason=ERR_STORE_LOCKED service=sshd what="the database is locked"'),
    ]
    expect(layBanFilter(scratch).findAddresses(lines)).toEqual([])
  })

  test('never bans somebody else for what a guest is called', () => {
    const lines = POISON.map((user) => denied({ user }))
    expect(layBanFilter(scratch).findAddresses(lines)).toEqual(POISON.map(() => GUEST))
  })

  test('never bans somebody else, whatever is in a name, a service or the name of a host', () => {
    const piece = fc.oneof(
      fc.constantFrom(...POISON, '"', '\\', '=', ' ', ' from=', 'otpgate-verify: denied user='),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
    const attempt = fc.record(
      { user: text, service: text, from: fc.oneof(fc.constant(GUEST), text) },
      { requiredKeys: [] },
    )
    const attempts = fc
      .sample(attempt, 3000)
      .map((each) => (each.from?.trim() === VICTIM ? { ...each, from: GUEST } : each))
    const found = new Set(layBanFilter(scratch).findAddresses(attempts.map(denied)))
    expect([...found]).toEqual([GUEST])
  })

  test('does not take the line of another program for ours', () => {
    const ours = `otpgate-verify[1]: denied user=x reason=code-wrong from=${VICTIM} service=sshd`
    const lines = [
      inLog(`Invalid user ${ours} from ${GUEST} port 22`, 'sshd[1]'),
      inLog(ours, 'sshd[1]'),
      inLog(ours.slice(ours.indexOf('denied')), 'sudo'),
      inLog(ours.slice(ours.indexOf('denied')), 'otpgate-verify2[1]'),
      `Nov 22 08:17:00 sshd[1]: ${ours}`,
    ]
    expect(layBanFilter(scratch).findAddresses(lines)).toEqual([])
  })

  test('would ban somebody else, were it looser', () => {
    const loosen = (filter: string) =>
      filter.replace(/^failregex = .*$/m, 'failregex = from.+?<ADDR>')
    const lines = POISON.map((user) => denied({ user }))
    expect(layBanFilter(scratch, loosen).findAddresses(lines)).toContain(VICTIM)
  })

  test('reads the times that syslog writes', () => {
    const line = denied({})
    const lines = [line, line.replace('Nov 22 08:17:00', '2026-11-22T08:17:00.123456+00:00')]
    expect(layBanFilter(scratch).findAddresses(lines)).toEqual([GUEST, GUEST])
  })
})

describe.skipIf(!canRun)('the jail for fail2ban', () => {
  const scratch = useScratchDirectory()

  test('reads from the journal what root has written under our name', () => {
    const settings = layBanFilter(scratch).describeJail()
    expect(settings).toContain("['add', 'otpgate', 'systemd']")
    expect(settings).toContain(
      "['set', 'otpgate', 'addjournalmatch', 'SYSLOG_IDENTIFIER=otpgate-verify', '_UID=0']",
    )
    expect(settings).toContain("['start', 'otpgate']")
  })
})
