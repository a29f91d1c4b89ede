import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/base/errors.ts'
import { addSeconds, toUnixSeconds } from '../../../src/base/time.ts'
import type { AuditRow } from '../../../src/domain/audit-event.ts'
import type { ProcessMark } from '../../../src/host/process-mark.ts'
import type { OpenConnection } from '../../../src/host/sshd-connection.ts'
import { createProofFinder, type ProofPorts } from '../../../src/setup/watch/find-proof.ts'
import { ALICE_UID, toAccountName } from '../../support/account-fixture.ts'

const AT = toUnixSeconds(1_800_000_000)
const OLD: ProcessMark = { pid: 20, startTicks: 5 }
const NONE = { kind: 'none' } as const
const UNSETTLED = { kind: 'unclear', mayClear: true } as const
const UNCLEAR = { kind: 'unclear', mayClear: false } as const

describe('the look for a proof', () => {
  test('finds the first login after all was in place', async () => {
    const { look, log } = open([])
    expect(await look()).toEqual(NONE)
    log(10)
    expect(await look()).toEqual(NONE)
    log(11)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test('takes a login while a connection of before idles, that nobody has named a user on', async () => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, stage: 'nobody-named', user: undefined })
    expect(await look()).toEqual(NONE)
    log(11)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test('takes a login while somebody else is asked on one of before, who may hang up then', async () => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user: 'bob' })
    expect(await look()).toEqual(NONE)
    connections.pop()
    log(11)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test('takes a login once it is seen that one of before is about somebody else', async () => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, stage: 'nobody-named', user: undefined })
    expect(await look()).toEqual(NONE)
    connections[0] = { ...OLD, stage: 'unclear', user: 'bob' }
    log(11)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test.each([
    { whom: 'the same person by another name', user: 'ALICE' },
    { whom: 'nobody that can be found now', user: 'carol' },
    { whom: 'nobody knows whom', user: 'down' },
  ])('takes none while one of before is about $whom', async ({ user }) => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user })
    log(11)
    expect(await look()).toEqual(UNSETTLED)
  })

  test('takes a login once one of before is still being asked long after it, and not sooner', async () => {
    const { look, log, connections, wait } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user: 'alice' })
    log(11)
    expect(await look()).toEqual(UNSETTLED)
    wait(14)
    expect(await look()).toEqual(UNSETTLED)
    wait(1)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test('takes no login that one of before may have come to, though it is not seen to', async () => {
    const { look, log, connections, wait } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user: 'alice' })
    log(11)
    expect(await look()).toEqual(UNSETTLED)
    // It has got in, and its session is being opened; then it has one.
    connections.splice(0, 1, { ...OLD, stage: 'unclear', user: 'alice' })
    wait(60)
    expect(await look()).toEqual(UNSETTLED)
    connections.pop()
    expect(await look()).toEqual(UNCLEAR)
    expect(await look()).toEqual(UNCLEAR)
    log(12)
    expect(await look()).toMatchObject(proofBy(12))
  })

  test('holds the next login of one of before against it, after an earlier one was cleared', async () => {
    const { look, log, connections, wait } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user: 'alice' })
    log(11, 'denied')
    await look()
    wait(20)
    expect(await look()).toEqual(NONE)
    log(12)
    expect(await look()).toEqual(UNSETTLED)
    connections.pop()
    expect(await look()).toEqual(UNCLEAR)
  })

  test('takes every login from after all such connections were gone', async () => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, stage: 'logging-in', user: 'alice' })
    expect(await look()).toEqual(NONE)
    connections.pop()
    expect(await look()).toEqual(NONE)
    log(12)
    expect(await look()).toMatchObject(proofBy(12))
  })

  test('goes on so where the watcher begins anew, and the connections are gone', async () => {
    const { look, log } = open([OLD])
    log(11)
    expect(await look()).toEqual(UNCLEAR)
    log(12)
    expect(await look()).toMatchObject(proofBy(12))
  })

  test('knows another process with the same id', async () => {
    const { look, log, connections } = open([OLD])
    connections.push({ ...OLD, startTicks: 9, stage: 'logging-in', user: 'alice' })
    expect(await look()).toEqual(NONE)
    log(11)
    expect(await look()).toMatchObject(proofBy(11))
  })

  test('reads more rows than one page has', async () => {
    const { look, log } = open([])
    for (let seq = 11; seq < 600; seq++) log(seq, 'denied')
    log(600)
    expect(await look()).toMatchObject(proofBy(600))
  })
})

/** Names in any case, as a directory may have them; carol is in none, and one name brings it down. */
function findByName(name: string) {
  if (name === 'down') throw new AppError('ERR_PASSWD_FAILED', 'no answer')
  if (name === 'carol') return undefined
  return { name: toAccountName(name.toLowerCase()), uid: ALICE_UID }
}

function proofBy(seq: number) {
  return { kind: 'proof', row: { seq } }
}

/** A finder that starts behind row 10, with a log and connections that the test makes up. */
function open(openConnections: readonly ProcessMark[]) {
  const rows: AuditRow[] = []
  const connections: OpenConnection[] = []
  let seconds = 0
  const ports: ProofPorts = {
    journal: {
      read: async (_, afterSeq, limit) => rows.filter(({ seq }) => seq > afterSeq).slice(0, limit),
    },
    register: { find: async () => ({ kind: 'never-known', tickets: [] }) },
    passwd: { findByName },
    now: () => addSeconds(AT, 1),
    listOpenConnections: () => connections,
    bootSeconds: () => seconds,
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
  const wait = (more: number) => {
    seconds += more
  }
  return { look: () => find(ports), log, connections, wait }
}
