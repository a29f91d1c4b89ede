import { describe, expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../../src/base/time.ts'
import type { AuditRow } from '../../../src/domain/audit-event.ts'
import type { ProcessMark } from '../../../src/host/process-mark.ts'
import { createProofFinder, type ProofPorts } from '../../../src/setup/watch/find-proof.ts'

const AT = toUnixSeconds(1_800_000_000)
const OLD: ProcessMark = { pid: 20, startTicks: 5 }
const NEWER: ProcessMark = { pid: 20, startTicks: 9 }

describe('the look for a proof', () => {
  test('finds the first login after all was in place', async () => {
    const { look, log } = open([])
    expect(await look()).toBeUndefined()
    log(10)
    expect(await look()).toBeUndefined()
    log(11)
    expect(await look()).toMatchObject({ seq: 11 })
  })

  test('takes no login while a connection of before is open', async () => {
    const { look, log, connections } = open([OLD])
    connections.push(OLD)
    log(11)
    expect(await look()).toBeUndefined()
    expect(await look()).toBeUndefined()
  })

  test('takes no login from until the last such connection was gone, and every later one', async () => {
    const { look, log, connections } = open([OLD])
    connections.push(OLD)
    expect(await look()).toBeUndefined()
    log(11)
    connections.pop()
    expect(await look()).toBeUndefined()
    expect(await look()).toBeUndefined()
    log(12)
    expect(await look()).toMatchObject({ seq: 12 })
  })

  test('goes on so where the watcher begins anew, and the connections are gone', async () => {
    const { look, log } = open([OLD])
    log(11)
    expect(await look()).toBeUndefined()
    log(12)
    expect(await look()).toMatchObject({ seq: 12 })
  })

  test('knows another process with the same id', async () => {
    const { look, log, connections } = open([OLD])
    connections.push(NEWER)
    expect(await look()).toBeUndefined()
    log(11)
    expect(await look()).toMatchObject({ seq: 11 })
  })

  test('reads more rows than one page has', async () => {
    const { look, log } = open([])
    for (let seq = 11; seq < 600; seq++) log(seq, 'denied')
    log(600)
    expect(await look()).toMatchObject({ seq: 600 })
  })
})

/** A finder that starts behind row 10, with a log and connections that the test makes up. */
function open(openConnections: readonly ProcessMark[]) {
  const rows: AuditRow[] = []
  const connections: ProcessMark[] = []
  const ports: ProofPorts = {
    journal: {
      read: async (_, afterSeq, limit) => rows.filter(({ seq }) => seq > afterSeq).slice(0, limit),
    },
    register: { find: async () => ({ kind: 'never-known', tickets: [] }) },
    now: () => addSeconds(AT, 1),
    listOpenConnections: () => connections,
  }
  const find = createProofFinder({
    account: 'alice',
    service: 'sshd',
    start: { afterSeq: 10, openConnections },
  })
  const log = (seq: number, outcome: AuditRow['outcome'] = 'accepted') =>
    void rows.push({
      ...{ seq, at: AT, actor: 'pam', action: 'login', account: 'alice', outcome },
      ...{ service: 'sshd', method: 'totp', count: 1, previousHash: '', hash: '' },
    })
  return { look: () => find(ports), log, connections }
}
