import { describe, expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../../src/base/time.ts'
import type { AuditRow } from '../../../src/domain/audit-event.ts'
import type { SetupJournal } from '../../../src/setup/ssh/journal.ts'
import { watch } from '../../../src/setup/watch/watch.ts'
import type { WatchPorts } from '../../../src/setup/watch/watch-ports.ts'
import { INSTALLER, makeJournal, momentAfterBoot, momentAt } from './watched-setup.ts'

const BEGAN_AT = toUnixSeconds(1_800_000_000)

describe('the watcher of a set-up', () => {
  test('takes it back at the deadline, and not before', async () => {
    const world = open(makeJournal())
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert awaiting-proof no-proof at 300'])
  })

  test('takes it back in time where the wall clock is set back meanwhile', async () => {
    const world = open(makeJournal(), { at: (second) => momentAt(second, { wall: -86_400 }) })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert awaiting-proof no-proof at 300'])
  })

  test('takes it back after a reboot with what was left', async () => {
    const world = open(makeJournal(), { at: (second) => momentAfterBoot(250 + second, second) })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert awaiting-proof no-proof at 50'])
  })

  test('confirms it by a login with a code', async () => {
    const world = open(makeJournal(), { loginAt: 100 })
    expect(await world.watch()).toBe('confirmed')
    expect(world.did).toEqual(['tell proof', 'confirm awaiting-proof by 11 at 100'])
  })

  test('takes it back at the deadline also where the database cannot be read', async () => {
    const world = open(makeJournal(), { isDatabaseBroken: true })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['complain: broken', 'revert awaiting-proof no-proof at 300'])
  })

  test('leaves files alone while somebody installs them', async () => {
    const world = open(makeJournal(INSTALLING), { installerEndsAt: 7 })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert installing interrupted at 7'])
  })

  test('takes an installation of before a reboot back at once', async () => {
    const world = open(makeJournal(INSTALLING), {
      at: (second) => momentAfterBoot(20 + second, second),
      installerEndsAt: 1000,
    })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert installing interrupted at 0'])
  })

  test('ends an installer that was stopped in the middle', async () => {
    const world = open(makeJournal(INSTALLING), { installerEndsAt: 1000 })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['end 4711 at 300', 'revert installing interrupted at 300'])
  })

  test('gives an installer minutes, also where a login has a day', async () => {
    const journal = makeJournal({ ...INSTALLING, timeoutSeconds: 86_400 })
    const world = open(journal, { installerEndsAt: 100_000 })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['end 4711 at 300', 'revert installing interrupted at 300'])
  })

  test.each([
    { what: 'past the deadline', journal: makeJournal(), at: 300, why: 'awaiting-proof no-proof' },
    {
      what: 'in the middle of a way back',
      journal: makeJournal({ phase: 'reverting', because: 'asked' }),
      at: 0,
      why: 'reverting asked',
    },
  ])('ends whoever was stopped with the lock, $what', async ({ journal, at, why }) => {
    const world = open(journal, { isLockHeld: true })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual([
      `revert ${why} at ${at}`,
      `revert ${why} at ${at + 11}`,
      `end 4712 at ${at + 21}`,
      `revert ${why} at ${at + 22}`,
    ])
  })

  test('goes on with a way back that was cut off, for the same reason', async () => {
    const world = open(makeJournal({ phase: 'reverting', because: 'asked' }))
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual(['revert reverting asked at 0'])
  })

  test.each<SetupJournal | undefined>([
    makeJournal({ phase: 'confirmed' }),
    makeJournal({ phase: 'reverted' }),
    undefined,
  ])('ends where nothing waits for it', async (journal) => {
    const world = open(journal)
    expect(await world.watch()).toBe('nothing-to-do')
    expect(world.did).toEqual([])
  })

  test('takes back what it has said, where what failed goes on again', async () => {
    const world = open(makeJournal(), { isUnreadable: (second) => second === 5 })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual([
      'complain: unreadable',
      'recover at 35',
      'revert awaiting-proof no-proof at 300',
    ])
  })

  test.each<Partial<SetupJournal>>([
    { phase: 'awaiting-proof' },
    INSTALLING,
  ])('leaves a set-up alone that has begun since, and does not count a login of before', async (next) => {
    const installer = { ...INSTALLER, startTicks: 101, bootId: momentAt(0).bootId }
    const world = open(makeJournal(), { failures: 1, loginAt: 320, next: { ...next, installer } })
    expect(await world.watch()).toBe('nothing-to-do')
    expect(world.did).toEqual([
      'revert awaiting-proof no-proof at 300',
      'complain: changed by somebody',
    ])
  })

  test('does not take back what an admin confirms in the same moment', async () => {
    const world = open(makeJournal(), { confirmedByHand: true })
    expect(await world.watch()).toBe('nothing-to-do')
    expect(world.did).toEqual(['revert awaiting-proof no-proof at 300'])
  })

  test('says what fails, and tries again half a minute later', async () => {
    const world = open(makeJournal(), { failures: 2 })
    expect(await world.watch()).toBe('reverted')
    expect(world.did).toEqual([
      'revert awaiting-proof no-proof at 300',
      'complain: changed by somebody',
      'revert awaiting-proof no-proof at 330',
      'complain: changed by somebody',
      'revert awaiting-proof no-proof at 360',
    ])
  })
})

const INSTALLING = {
  phase: 'installing',
  reloadedAt: undefined,
  deadline: undefined,
  proof: undefined,
} as const

interface World {
  readonly at?: typeof momentAt
  /** When, in seconds, things happen. */
  readonly loginAt?: number
  readonly installerEndsAt?: number
  readonly isDatabaseBroken?: boolean
  /** When the record cannot be read. */
  readonly isUnreadable?: (second: number) => boolean
  readonly confirmedByHand?: boolean
  /** How many ways back fail first. */
  readonly failures?: number
  /** By somebody who was stopped. */
  readonly isLockHeld?: boolean
  /** Another set-up, which an admin has begun once something has failed. */
  readonly next?: Partial<SetupJournal>
}

const HOLDER = { pid: 4712, startTicks: 7 } as const
const LOCK_WAIT_SECONDS = 10

/** A world whose clock moves only by the watcher's pauses, and what the watcher did in it. */
function open(first: SetupJournal | undefined, options: World = {}) {
  let second = 0
  let journal = first
  let failures = options.failures ?? 0
  let isHeld = options.isLockHeld ?? false
  const did: string[] = []
  const { at = momentAt, loginAt = Number.POSITIVE_INFINITY } = options
  const rows = () => (second >= loginAt ? [{ ...ROW, at: addSeconds(BEGAN_AT, loginAt) }] : [])
  const ports: WatchPorts = {
    service: 'sshd',
    readJournal: () => {
      if (options.isUnreadable?.(second)) throw new Error('unreadable')
      return journal
    },
    moment: () => at(second),
    isRunning: ({ pid }) => pid === INSTALLER.pid && second < (options.installerEndsAt ?? 0),
    endProcess: ({ pid }) => {
      did.push(`end ${pid} at ${second}`)
      if (pid === HOLDER.pid) isHeld = false
    },
    findHolder: () => (isHeld ? HOLDER : undefined),
    recover: () => void did.push(`recover at ${second}`),
    tellLook: ({ kind }) => void did.push(`tell ${kind}`),
    withProofPorts: async (_, use) => {
      if (options.isDatabaseBroken) throw new Error('broken')
      return use({
        journal: { read: async () => rows() },
        register: { find: async () => ({ kind: 'never-known', tickets: [] }) },
        passwd: { findByName: () => undefined },
        now: () => at(second).now,
        bootSeconds: () => at(second).bootSeconds,
        listOpenConnections: () => [],
      })
    },
    confirm: async (seen, { seq }) => {
      did.push(`confirm ${seen} by ${seq} at ${second}`)
      return 'done'
    },
    revert: async (seen, because) => {
      did.push(`revert ${seen} ${because} at ${second}`)
      if (isHeld) second += LOCK_WAIT_SECONDS
      if (isHeld) throw new Error('another one is at work')
      if (failures-- > 0) throw new Error('changed by somebody')
      if (!options.confirmedByHand) return 'done'
      journal = makeJournal({ phase: 'confirmed' })
      return 'overtaken'
    },
    pause: async (milliseconds) => {
      second += milliseconds / 1000
    },
    complain: (error) => {
      did.push(`complain: ${error instanceof Error ? error.message : ''}`)
      if (options.next !== undefined) journal = makeJournal(options.next)
    },
  }
  return { watch: () => watch(ports), did }
}

const ROW: AuditRow = {
  ...{ seq: 11, at: BEGAN_AT, actor: 'pam', action: 'login', account: 'alice', count: 1 },
  ...{ service: 'sshd', method: 'totp', outcome: 'accepted', previousHash: '', hash: '' },
}
