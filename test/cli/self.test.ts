import { describe, expect, test } from 'vitest'
import { openDeviceSecret } from '../../src/app/device-secret.ts'
import { inviteAccount } from '../../src/app/invite-account.ts'
import { issueBypass } from '../../src/app/issue-bypass.ts'
import { mintRecoveryCodes } from '../../src/app/recovery-codes.ts'
import { resetAccount } from '../../src/app/reset-account.ts'
import { suspendAccount } from '../../src/app/suspend-account.ts'
import { addSeconds } from '../../src/base/time.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const SELF_ENROLL = { toml: '[policy]\nself_enroll = true' }
const ADMIN = { name: ALICE, entry: ALICE_ENTRY, actor: 'root', reason: undefined }
const RECOVERY_CODE = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/g

type Typed = string | (() => Promise<string>)

/** Runs `otpgate self ...` as alice, who types these answers. */
function self(ports: TestPorts, args: string, ...answers: readonly Typed[]) {
  return runOn(ports, ['self', ...args.split(' ')], { answers })
}

async function invited(withCode = false) {
  const ports = createTestPorts()
  const until = addSeconds(ports.now(), 3600)
  const input = { entry: ALICE_ENTRY, actor: 'root', reason: undefined, until, withCode }
  const { code = '' } = await inviteAccount(ports, input)
  return { ports, code }
}

async function enrolled() {
  const ports = createTestPorts()
  const { secret, recoveryCodes } = await enrollAlice(ports)
  /** A code that was not used before. */
  const nextCode = () => {
    ports.clock.move(60)
    return codeFor(ports, secret)
  }
  return { ports, nextCode, recoveryCodes, wrongCode: () => codeFor(ports, secret, 50) }
}

/** The secret of the device that waits to be confirmed, as the app has scanned it. */
function newSecret(ports: TestPorts): Buffer {
  const state: AccountState = readAlice(ports)
  const device = state.devices.find(({ confirmedAt }) => confirmedAt === undefined)
  if (device === undefined) throw new Error('nothing waits')
  return openDeviceSecret(ports.vault, state)(device)
}

/** What the app shows for it, after what happens meanwhile. */
function newCode(ports: TestPorts, meanwhile: () => Promise<unknown> = async () => {}) {
  return async () => {
    const secret = newSecret(ports)
    await meanwhile()
    return codeFor(ports, secret)
  }
}

const labels = (ports: TestPorts) => readAlice(ports).devices.map(({ label }) => label)
const lastRows = (ports: TestPorts, count: number) => ports.memory.audit.slice(-count)

describe('otpgate self enroll', () => {
  test('enrolls somebody invited, which ends the invitation', async () => {
    const { ports } = await invited()
    const { status, stdout, stderr } = await self(ports, 'enroll', newCode(ports))
    expect(status).toBe(0)
    expect(stdout).toContain('otpauth://totp/')
    expect(stdout.match(RECOVERY_CODE)).toHaveLength(10)
    expect(stderr).toContain('alice is enrolled.')
    expect(readAlice(ports).account.override).toBeUndefined()
    expect(labels(ports)).toEqual(['phone'])
  })

  test('asks somebody invited with a code for it, and the confirmation uses it up', async () => {
    const { ports, code } = await invited(true)
    const first = await self(ports, 'enroll', code, '')
    expect(first.status).toBe(1)
    expect(readAlice(ports).oneTimeCodes).toMatchObject([{ kind: 'invitation', usesLeft: 1 }])
    expect(readAlice(ports).account.throttle.local).toMatchObject({
      consecutiveFailures: 0,
      recentFailures: [],
    })
    const second = await self(ports, 'enroll', code.toLowerCase(), newCode(ports))
    expect(second.status).toBe(0)
    expect(readAlice(ports).oneTimeCodes.filter(({ kind }) => kind === 'invitation')).toEqual([])
    expect(ports.memory.audit).toContainEqual(
      expect.objectContaining({
        action: 'login',
        service: 'otpgate-self',
        method: 'invitation',
        outcome: 'accepted',
      }),
    )
  })

  test('charges wrong invitation codes, and judges none during a wait', async () => {
    const { ports, code } = await invited(true)
    const wrong = code.slice(0, -1) + (code.endsWith('7') ? '8' : '7')
    const { status, stderr } = await self(ports, 'enroll', wrong, '123456', wrong)
    expect(status).toBe(1)
    expect(stderr).toContain('That is not an invitation code')
    expect(readAlice(ports).account.throttle.local.consecutiveFailures).toBe(2)
    await self(ports, 'enroll', wrong, wrong, wrong)
    const waiting = await self(ports, 'enroll', code)
    expect(waiting).toMatchObject({ status: 1 })
    expect(waiting.stderr).toMatch(
      /^Too many wrong codes\. Try again in \d+ seconds, or ask your administrator\.$/m,
    )
    expect(ports.hasher.compared).toHaveLength(5)
    expect(readAlice(ports).devices).toEqual([])
  })

  test('takes no recovery code for an invitation code, nor the other way round', async () => {
    const { ports, code } = await invited(true)
    const { codes, shown } = await mintRecoveryCodes(ports)
    const state = readAlice(ports)
    const oneTimeCodes = [...state.oneTimeCodes, ...codes]
    ports.memory.write(ALICE, { ...state, oneTimeCodes })
    const answer = await self(ports, 'enroll', shown[0] ?? '')
    expect(answer.stderr).toContain('That code is not right.')

    await self(ports, 'enroll', code, newCode(ports))
    ports.memory.write(ALICE, { ...readAlice(ports), oneTimeCodes })
    const other = await self(ports, 'recovery new', code)
    expect(other.stderr).toContain('That code is not right.')
    expect(await self(ports, 'recovery new', shown[0] ?? '')).toMatchObject({ status: 0 })
  })

  test.each([
    ['its date comes', (ports: TestPorts) => Promise.resolve(ports.clock.move(3600))],
    ['an admin suspends them', (ports: TestPorts) => suspendAccount(ports, ADMIN)],
    ['an admin resets them', (ports: TestPorts) => resetAccount(ports, ADMIN)],
    [
      'an admin invites them anew',
      async (ports: TestPorts) => {
        const until = addSeconds(ports.now(), 60)
        const input = {
          entry: ALICE_ENTRY,
          actor: 'root',
          reason: undefined,
          until,
          withCode: true,
        }
        await inviteAccount(ports, input)
      },
    ],
  ])('is refused where %s while the code is typed', async (_, meanwhile) => {
    const { ports, code } = await invited(true)
    const answer = newCode(ports, async () => meanwhile(ports))
    const { status, stdout } = await self(ports, 'enroll', code, answer)
    expect(status).not.toBe(0)
    expect(stdout).not.toMatch(RECOVERY_CODE)
    expect(readAlice(ports).devices.every(({ confirmedAt }) => confirmedAt === undefined)).toBe(
      true,
    )
  })

  test('is refused without an invitation, unless self_enroll allows it', async () => {
    const ports = createTestPorts()
    expect(await self(ports, 'enroll')).toEqual({
      status: 8,
      stdout: '',
      stderr:
        'otpgate: enrolling yourself takes an invitation\nhint: ask your administrator for one',
    })
    const options = { ...SELF_ENROLL, answers: [newCode(ports)] }
    expect(await runOn(ports, ['self', 'enroll'], options)).toMatchObject({ status: 0 })
    expect(labels(ports)).toEqual(['phone'])
  })

  test('is refused after a reset, also with self_enroll', async () => {
    const { ports } = await enrolled()
    await resetAccount(ports, ADMIN)
    const { status, stderr } = await runOn(ports, ['self', 'enroll'], SELF_ENROLL)
    expect(status).toBe(8)
    expect(stderr).toContain('ask your administrator for an invitation')
  })

  test('is refused to somebody enrolled, who is told about further devices', async () => {
    const { ports } = await enrolled()
    const { status, stderr } = await self(ports, 'enroll')
    expect(status).toBe(4)
    expect(stderr).toContain('sudo otpgate self device add')
  })

  test('given up says what to type then, and no command of an admin', async () => {
    const { ports } = await invited()
    const { status, stderr } = await self(ports, 'enroll', '')
    expect(status).toBe(1)
    expect(stderr).toContain('start again with: sudo otpgate self enroll, or log in again')
    expect(stderr).not.toContain('device of alice')
    expect(stderr).not.toMatch(/(?<!sudo )otpgate (?!self)\w/)
  })
})

describe('what changes an enrolled account', () => {
  test('takes a right code, which is used up and on record as at a login', async () => {
    const { ports, nextCode } = await enrolled()
    const before = readAlice(ports).oneTimeCodes
    const code = nextCode()
    const { status, stdout } = await self(ports, 'recovery new', code)
    expect(status).toBe(0)
    expect(stdout.match(RECOVERY_CODE)).toHaveLength(10)
    expect(readAlice(ports).oneTimeCodes).not.toEqual(before)
    expect(lastRows(ports, 2)).toMatchObject([
      { action: 'login', outcome: 'accepted', method: 'totp', service: 'otpgate-self' },
      { action: 'recovery-new', outcome: 'done' },
    ])
    expect(readAlice(ports)).toMatchObject({ tickets: [], sources: [] })
    const again = await self(ports, 'recovery new', code)
    expect(again).toMatchObject({ status: 1, stdout: '' })
    expect(again.stderr).toContain('That code was used already.')
  })

  test('takes a recovery code as well, once', async () => {
    const { ports, recoveryCodes } = await enrolled()
    const [code = ''] = recoveryCodes
    const answers = [code, newCode(ports)]
    expect(await self(ports, 'device add', 'tablet', ...answers)).toMatchObject({ status: 0 })
    expect(labels(ports)).toEqual(['phone', 'tablet'])
    expect(await self(ports, 'device add', 'third', ...answers)).toMatchObject({ status: 1 })
  })

  test.each([
    { args: 'recovery new', names: [] },
    { args: 'device add', names: ['mine for good'] },
  ])('takes no bypass code for $args, which stays good for logins', async ({ args, names }) => {
    const { ports } = await enrolled()
    const terms = { actor: 'root', reason: undefined, forSeconds: 3600, uses: 2 }
    const { code } = await issueBypass(ports, { entry: ALICE_ENTRY, ...terms })
    const before = readAlice(ports)
    const { status, stdout, stderr } = await self(ports, args, ...names, code)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('That code is not right.')
    const { devices, oneTimeCodes, account } = readAlice(ports)
    expect({ devices, oneTimeCodes }).toEqual({
      devices: before.devices,
      oneTimeCodes: before.oneTimeCodes,
    })
    expect(account.throttle.local.consecutiveFailures).toBe(1)
  })

  test('tells the person, not an admin, what is wrong with a name', async () => {
    const { ports } = await enrolled()
    expect(await self(ports, 'device add', 'phone')).toEqual({
      status: 4,
      stdout: '',
      stderr: 'otpgate: you have a device of that name already\nhint: choose another label',
    })
    const unknown = await self(ports, 'device rename', 'nothing')
    expect(unknown).toMatchObject({
      status: 3,
      stderr: 'otpgate: you have no such device\nhint: there is: phone',
    })
  })

  test('shares failures, waits and locks with sudo and su', async () => {
    const { ports, nextCode, wrongCode } = await enrolled()
    await self(ports, 'recovery new', wrongCode(), wrongCode(), wrongCode())
    expect(readAlice(ports).account.throttle.local.consecutiveFailures).toBe(3)
    await self(ports, 'recovery new', wrongCode(), wrongCode())
    const waiting = await self(ports, 'recovery new', codeForWait(ports, nextCode))
    expect(waiting.stderr).toContain('Too many wrong codes. Try again in')
    expect(waiting.stdout).toBe('')
    expect(await self(ports, 'recovery new', nextCode())).toMatchObject({ status: 0 })
  })

  test.each([
    'recovery new',
    'device add',
    'device rename',
    'device remove',
  ])('is not done by %s without one', async (args) => {
    const { ports, wrongCode } = await enrolled()
    await addTablet(ports)
    const names = args.startsWith('device') ? ['tablet', 'tablet 2'] : []
    const asked =
      args === 'device add' ? ['another'] : args === 'device remove' ? ['tablet'] : names
    const before = readAlice(ports)
    for (const answers of [[], ['hello'], [wrongCode()]]) {
      const { status, stdout } = await self(ports, args, ...asked, ...answers)
      expect(status).toBe(1)
      expect(stdout).not.toMatch(/otpauth|[0-9A-Z]{4}-[0-9A-Z]{4}-/)
    }
    const { devices, oneTimeCodes } = readAlice(ports)
    expect({ devices, oneTimeCodes }).toEqual({
      devices: before.devices,
      oneTimeCodes: before.oneTimeCodes,
    })
  })

  test.each([
    ['reset', (ports: TestPorts) => resetAccount(ports, ADMIN)],
    ['suspend', (ports: TestPorts) => suspendAccount(ports, ADMIN)],
  ])('is refused after a %s that came behind the code', async (_, meanwhile) => {
    const { ports, nextCode } = await enrolled()
    const confirm = newCode(ports, () => meanwhile(ports))
    const { status } = await self(ports, 'device add', 'tablet', nextCode(), confirm)
    expect(status).not.toBe(0)
    const counting = readAlice(ports).devices.filter(({ confirmedAt }) => confirmedAt !== undefined)
    expect(counting.map(({ label }) => label)).not.toContain('tablet')
  })

  test('renames and removes devices, but not the last that counts', async () => {
    const { ports, nextCode } = await enrolled()
    const last = await self(ports, 'device remove', 'phone')
    expect(last).toMatchObject({ status: 1 })
    expect(last.stderr).toContain('is the last of your devices that counts')
    await addTablet(ports)
    expect(await self(ports, 'device rename', 'tablet', 'old tablet', nextCode())).toMatchObject({
      status: 0,
    })
    expect(labels(ports)).toEqual(['phone', 'old tablet'])
    expect(await self(ports, 'device remove', 'old tablet', nextCode())).toMatchObject({
      status: 0,
    })
    expect(labels(ports)).toEqual(['phone'])
    expect(await self(ports, 'device remove', 'nothing')).toMatchObject({ status: 3 })
  })

  test('is refused to somebody who has nothing to change', async () => {
    const { ports } = await invited()
    for (const args of ['recovery new', 'device add', 'device rename', 'device remove']) {
      const { status, stderr } = await self(ports, args, 'x', '123456')
      expect(status).toBe(1)
      expect(stderr).toContain('sudo otpgate self enroll')
    }
  })
})

describe('otpgate self status', () => {
  const statusOf = async (ports: TestPorts, toml = '') =>
    (await runOn(ports, ['self', 'status'], { toml })).stdout

  test('tells somebody invited until when, and what to type', async () => {
    const { ports } = await invited(true)
    expect(await statusOf(ports)).toBe(
      'You are invited until 2027-01-15T09:00:00Z (in 1 hour): set up your second factor before, with:\n' +
        '    sudo otpgate self enroll   (have your invitation code at hand)\n',
    )
    ports.clock.move(3600)
    expect(await statusOf(ports)).toContain('To set one up you need an invitation')
    expect(await statusOf(ports, SELF_ENROLL.toml)).toContain('Set it up with: sudo otpgate')
  })

  test('tells somebody enrolled about devices, recovery codes and waits', async () => {
    const { ports, wrongCode } = await enrolled()
    expect(await statusOf(ports)).toMatch(
      /^You are enrolled\.\nA login asks for a code\.\n10 recovery codes left\.\n\nDEVICE/,
    )
    for (let run = 0; run < 2; run++) {
      await self(ports, 'recovery new', wrongCode(), wrongCode(), wrongCode())
    }
    expect(await statusOf(ports)).toMatch(
      /Too many wrong codes in sudo, su and here: none counts until .* \(in/,
    )
  })

  test('tells somebody suspended or reset so', async () => {
    const { ports } = await enrolled()
    await resetAccount(ports, ADMIN)
    expect(await statusOf(ports)).toContain('Your second factor was reset.')
    await suspendAccount(ports, ADMIN)
    expect(await statusOf(ports)).toContain('Your access here is suspended.')
  })
})

describe('otpgate self', () => {
  test.each([
    '--config /etc/shadow self status',
    'self --config /etc/shadow status',
    'self status --config /etc/shadow',
    'self status --config=/etc/otpgate/otpgate.toml',
    '--json self status',
    'self device list --json',
    'self enroll --out /etc/cron.d/x',
    'self enroll --qr png',
    'self enroll --secret-stdin',
    'self enroll --no-confirm',
    'self enroll bob',
    'self device remove phone',
    'self device remove --force',
    'self device remove --yes',
    'self device resync',
    'self recovery new --yes',
    'self recovery new bob',
    'self recovery',
    'self unlock',
    'self',
  ])('refuses %s, and looks at nothing', async (line) => {
    const { ports } = await enrolled()
    const seen: string[] = []
    const register = {
      ...ports.register,
      find: (name: typeof ALICE) => {
        seen.push(name)
        return ports.register.find(name)
      },
    }
    const { status, stdout } = await runOn({ ...ports, register }, line.split(' '))
    expect(status).toBe(2)
    expect(stdout).toMatch(
      line.includes('--json') ? /^\{"error":\{"code":"ERR_USAGE".*\}\}\n$/ : /^$/,
    )
    expect(seen).toEqual([])
  })
})

/** A second device, by the person's own hand. */
async function addTablet(ports: TestPorts): Promise<void> {
  const [phone] = readAlice(ports).devices
  if (phone === undefined) throw new Error('alice has no device')
  ports.clock.move(60)
  const code = codeFor(ports, openDeviceSecret(ports.vault, readAlice(ports))(phone))
  await self(ports, 'device add', 'tablet', code, newCode(ports))
}

/** A right code that would not have to wait: the clock stays. */
function codeForWait(ports: TestPorts, nextCode: () => string): string {
  const code = nextCode()
  ports.clock.move(-60)
  return code
}
