import { describe, expect, test } from 'vitest'
import { openDeviceSecret } from '../../src/app/device-secret.ts'
import { formatTime } from '../../src/base/time.ts'
import { ALICE, NOW, toUid } from '../support/account-fixture.ts'
import { codeFor, createTestPorts, enrollAlice, readAlice } from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const LONGEST = 366 * 86_400

describe('an end', () => {
  test('given as a date is its first second, and said exactly', async () => {
    expect(formatTime(NOW)).toBe('2027-01-15T08:00:00Z')
    const ports = createTestPorts()
    const { stderr } = await runOn(ports, ['invite', 'alice', '--until', '2027-01-16'])
    expect(stderr).toContain('alice: invited until 2027-01-16T00:00:00Z')
    expect(readAlice(ports).account.override).toMatchObject({ until: NOW + 16 * 3600 })
  })

  test.each([
    { duration: `${LONGEST}s`, status: 0 },
    { duration: `${LONGEST + 1}s`, status: 2 },
    { duration: '1s', status: 0 },
    { duration: '0s', status: 2 },
  ])('given as $duration ends with status $status', async ({ duration, status }) => {
    const ports = createTestPorts()
    expect(await runOn(ports, ['invite', 'alice', '--for', duration])).toMatchObject({ status })
    expect(ports.memory.read(ALICE).kind).toBe(status === 0 ? 'known' : 'never-known')
  })

  test('that has passed is not shown, but what the person is now', async () => {
    const ports = createTestPorts()
    await runOn(ports, ['invite', 'alice', '--for', '4h', '--reason', 'new', '--with-code'])
    const during = await runOn(ports, ['show', 'alice', '--json'])
    expect(JSON.parse(during.stdout)).toMatchObject({
      status: 'invited',
      status_reason: 'new',
      status_until: '2027-01-15T12:00:00Z',
      needs_invitation_code: true,
    })
    ports.clock.move(4 * 3600)
    for (const args of [['show', 'alice'], ['list']]) {
      const { stdout } = await runOn(ports, [...args, '--json'])
      expect([JSON.parse(stdout)].flat()).toMatchObject([
        {
          status: 'unconfirmed',
          status_reason: null,
          status_until: null,
          needs_invitation_code: false,
        },
      ])
    }
  })
})

describe('who is not asked for a code any more', () => {
  const settings = { toml: '[policy]\nunenrolled = "allow"' }

  test('is told of when somebody is removed, resumed, or a waiver ends', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const removed = await runOn(ports, ['remove', 'alice', '--yes'], settings)
    expect(removed.stderr).toContain('a login takes no code, as [policy] unenrolled is "allow"')
    await runOn(ports, ['suspend', 'alice'], settings)
    const resumed = await runOn(ports, ['resume', 'alice', '--json'], settings)
    expect(JSON.parse(resumed.stdout)).toMatchObject([{ login: 'no-code' }])
    await runOn(ports, ['waive', 'alice', '--for', '4h', '--reason', 'new'], settings)
    const cleared = await runOn(ports, ['waive', 'alice', '--clear', '--json'], settings)
    expect(JSON.parse(cleared.stdout)).toMatchObject([{ login: 'no-code' }])
  })
})

describe('reset --enroll', () => {
  const ARGS = ['reset', 'alice', '--enroll', '--yes']

  test('ends with a confirmed new phone and new recovery codes', async () => {
    const ports = createTestPorts()
    const before = await enrollAlice(ports)
    const typeCode = async () => {
      const state = readAlice(ports)
      expect(state.account.override?.kind).toBe('must-enroll')
      const [device] = state.devices
      if (device === undefined) return ''
      return codeFor(ports, openDeviceSecret(ports.vault, state)(device))
    }
    const { status, stdout, stderr } = await runOn(ports, ARGS, { answers: [typeCode] })
    expect(status).toBe(0)
    expect(stderr).toContain('alice: 1 device and 10 recovery codes dropped')
    expect(stderr).toContain('alice is enrolled.')
    expect(stdout).not.toContain(before.recoveryCodes[0])
    const { account, devices, oneTimeCodes } = readAlice(ports)
    expect(account.override).toBeUndefined()
    expect(devices).toMatchObject([{ label: 'phone', confirmedAt: ports.now() }])
    expect(oneTimeCodes).toHaveLength(10)
  })

  test.each([
    { what: 'several people', args: ['alice', 'bob'], code: 2 },
    { what: '--json', args: ['alice', '--json'], code: 2 },
    { what: 'nobody the host knows', args: ['bob'], code: 3 },
  ])('with $what drops nothing', async ({ args, code }) => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const before = readAlice(ports)
    const { status } = await runOn(ports, ['reset', ...args, '--enroll', '--yes'])
    expect(status).toBe(code)
    expect(readAlice(ports)).toEqual(before)
  })
})

test('an invitation code is printed once, and stands nowhere in the store or the log', async () => {
  const ports = createTestPorts()
  const { stdout } = await runOn(ports, ['invite', 'alice', '--for', '7d', '--with-code'])
  const code = /^alice: ((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})\n$/.exec(stdout)?.[1] ?? ''
  expect(code).not.toBe('')
  const secret = code.replaceAll('-', '').slice(4)
  expect(JSON.stringify([readAlice(ports), ports.memory.audit])).not.toContain(secret)
})

test('somebody rebound is told of with both uids', async () => {
  const ports = createTestPorts()
  await enrollAlice(ports)
  const findByName = (name: string) =>
    name === ALICE ? { name: ALICE, uid: toUid(4711) } : undefined
  const moved = { ...ports, passwd: { ...ports.passwd, findByName } }
  const { stdout } = await runOn(moved, ['rebind', 'alice', '--yes', '--json'])
  expect(JSON.parse(stdout)).toEqual([
    { user: 'alice', result: 'rebound', from_uid: 1000, uid: 4711, devices: 1 },
  ])
})
