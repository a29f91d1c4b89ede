import { describe, expect, test } from 'vitest'
import type { RestoreFinding } from '../../src/app/compare-backup.ts'
import { toUnixSeconds } from '../../src/base/time.ts'
import { countKinds, wordFinding } from '../../src/cli/restore-words.ts'
import type { Override } from '../../src/domain/override.ts'

const since = toUnixSeconds(1_800_000_000)
const until = toUnixSeconds(1_800_086_400)
const SUSPENDED: Override = { kind: 'suspended', reason: undefined }
const WAIVED: Override = { kind: 'waived', reason: "it's a robot", since, until }
const INVITED: Override = { kind: 'invited', reason: undefined, since, until, needsCode: false }
const MUST_ENROLL: Override = { kind: 'must-enroll', reason: undefined }

const commandFor = (finding: RestoreFinding) => wordFinding(finding).command

describe('the command that makes up for what a restore turns back', () => {
  test.each<{ present?: Override; saved?: Override; command: string }>([
    { present: SUSPENDED, command: 'otpgate suspend alice' },
    { present: MUST_ENROLL, command: 'otpgate reset alice' },
    {
      present: WAIVED,
      command: "otpgate waive --until 2027-01-16T08:00:00Z --reason 'it'\\''s a robot' alice",
    },
    {
      present: { ...WAIVED, reason: 'bell \x07' },
      saved: SUSPENDED,
      command:
        "otpgate resume alice && otpgate waive --until 2027-01-16T08:00:00Z --reason 'as before a restore' alice",
    },
    { present: INVITED, command: 'otpgate invite --until 2027-01-16T08:00:00Z alice' },
    { saved: WAIVED, command: 'otpgate waive --clear alice' },
    { saved: SUSPENDED, command: 'otpgate resume alice' },
    { saved: INVITED, command: 'otpgate suspend alice && otpgate resume alice' },
    { saved: MUST_ENROLL, command: 'otpgate show alice' },
  ])('is $command', ({ present, saved, command }) => {
    expect(commandFor({ kind: 'override-back', user: 'alice', present, saved })).toBe(command)
  })

  test('tells kinds of codes apart', () => {
    expect(commandFor({ kind: 'codes-back', user: 'alice', count: 3 })).toBe(
      'otpgate recovery new alice',
    )
    expect(commandFor({ kind: 'bypass-gone', user: 'alice', count: 1 })).toBe(
      'otpgate bypass --for 4h alice',
    )
    expect(commandFor({ kind: 'invitation-gone', user: 'alice', count: 1 })).toBe(
      'otpgate invite --for 7d --with-code alice',
    )
  })

  test('takes a name that begins with a dash for a name', () => {
    const finding = { kind: 'device-back', user: '-rf', device: "it's mine" } as const
    expect(commandFor(finding)).toBe("otpgate device remove -- -rf 'it'\\''s mine'")
    expect(commandFor({ kind: 'device-back', user: 'al', device: '--force' })).toBe(
      'otpgate device remove -- al --force',
    )
  })

  test.each([
    'new\nline',
    'esc\x1b[2J',
    'j\u00f6rg',
  ])('is none for a name that cannot be shown: %j', (user) => {
    expect(commandFor({ kind: 'account-back', user })).toBeUndefined()
    expect(commandFor({ kind: 'device-back', user: 'alice', device: user })).toBeUndefined()
  })

  test('keeps a name of a directory as it is', () => {
    expect(commandFor({ kind: 'account-back', user: 'CORP\\alice' })).toBe(
      "otpgate remove 'CORP\\alice'",
    )
  })
})

test('findings that are not shown are counted by their kinds', () => {
  const orphans = ['a', 'b'].map((user) => ({ kind: 'orphaned', user }) as const)
  expect(countKinds([...orphans, { kind: 'account-gone', user: 'c' }])).toBe(
    '2 orphaned, 1 account-gone',
  )
})
