import { openSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toLogRecord } from '../../src/app/login-report.ts'
import { type DaemonJournal, openJournal } from '../../src/daemon/journal.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

/** The lines that stand in the journal after `write`. */
async function linesOf(
  write: (journal: DaemonJournal) => void,
  isSystemd = false,
): Promise<readonly string[]> {
  const path = scratch('journal')
  const journal = openJournal(openSync(path, 'w'), isSystemd)
  write(journal)
  await journal.close()
  return readFileSync(path, 'utf8').split('\n').slice(0, -1)
}

/** A value for each line, without the time. */
async function journalOf(write: (journal: DaemonJournal) => void): Promise<readonly unknown[]> {
  const lines = await linesOf(write)
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
        outcome: 'accepted',
        fields: { user: 'alice', method: 'totp', device: 'my phone', audit: '7:0123abcd' },
      }),
    )
    expect(lines).toEqual([
      {
        level: 'info',
        outcome: 'accepted',
        user: 'alice',
        method: 'totp',
        device: 'my phone',
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
    const record = toLogRecord({ decision, facts: undefined, audit: undefined }, request)
    expect(await journalOf((journal) => journal.login(record))).toEqual([
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

  test('tells systemd the severity of each line, and nobody else', async () => {
    const write = (journal: DaemonJournal) => {
      journal.login({ priority: 'alert', outcome: 'excused', fields: {} })
      for (const priority of ['err', 'warning', 'notice', 'info'] as const) {
        journal.note(priority, 'said')
      }
    }
    const plain = await linesOf(write)
    const marked = await linesOf(write, true)
    expect(plain.map((line) => line.slice(0, 9))).toEqual(Array(5).fill('{"level":'))
    expect(marked.map((line) => /^<\d>\{"level":"[a-z]+"/.exec(line)?.[0])).toEqual([
      '<1>{"level":"alert"',
      '<3>{"level":"err"',
      '<4>{"level":"warning"',
      '<5>{"level":"notice"',
      '<6>{"level":"info"',
    ])
  })

  test('fails nobody where nothing can be written', async () => {
    const fd = openSync('/dev/full', 'w')
    const journal = openJournal(fd, false)
    journal.note('info', 'listening')
    await journal.close()
  })
})
