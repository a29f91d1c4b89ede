import { openSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatLogLine } from '../../src/app/login-report.ts'
import { type DaemonJournal, openJournal } from '../../src/daemon/journal.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

/** What stands in the journal after `write`, a value for each line, without the time. */
async function journalOf(write: (journal: DaemonJournal) => void): Promise<readonly unknown[]> {
  const path = scratch('journal')
  const fd = openSync(path, 'w')
  const journal = openJournal(fd)
  write(journal)
  await journal.close()
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const { time, ...fields } = JSON.parse(line)
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    return fields
  })
}

describe('the journal', () => {
  test('has the fields of a login as the authpriv log has them', async () => {
    const lines = await journalOf((journal) =>
      journal.login({
        priority: 'info',
        line: 'accepted user=alice method=totp device="my phone" from=192.0.2.7 first="publickey SHA256:x" audit=7:0123abcd',
      }),
    )
    expect(lines).toEqual([
      {
        level: 'info',
        outcome: 'accepted',
        user: 'alice',
        method: 'totp',
        device: 'my phone',
        from: '192.0.2.7',
        first: 'publickey SHA256:x',
        audit: '7:0123abcd',
      },
    ])
  })

  test('lets no name become a field', async () => {
    const request = {
      user: 'x" outcome=accepted user="root\n',
      service: 'level=alert',
      tty: undefined,
      remoteHost: '',
      sshConnection: undefined,
      firstFactor: undefined,
    }
    const decision = { outcome: 'denied', reason: 'user-unknown' } as const
    const line = formatLogLine({ decision, facts: undefined, audit: undefined }, request)
    expect(await journalOf((journal) => journal.login({ priority: 'notice', line }))).toEqual([
      {
        level: 'notice',
        outcome: 'denied',
        reason: 'user-unknown',
        user: 'x\\x22 outcome\\x3daccepted user\\x3d\\x22root\\x0a',
        service: 'level\\x3dalert',
        from: '',
      },
    ])
  })

  test('has a line that is of no login as it came', async () => {
    const line = 'accepted user="alice'
    expect(await journalOf((journal) => journal.login({ priority: 'alert', line }))).toEqual([
      { level: 'alert', line },
    ])
  })

  test('has what the daemon says of itself, in order, and nothing of the host', async () => {
    const lines = await journalOf((journal) => {
      journal.note('warning', 'slow', { open: 3 })
      journal.note('err', 'broken')
    })
    expect(lines).toEqual([
      { level: 'warning', open: 3, msg: 'slow' },
      { level: 'err', msg: 'broken' },
    ])
  })

  test('fails nobody where nothing can be written', async () => {
    const fd = openSync('/dev/full', 'w')
    const journal = openJournal(fd)
    journal.note('info', 'listening')
    await journal.close()
  })
})
