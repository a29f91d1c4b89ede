import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { codeOf, wrongCodeOf } from '../../support/enrolled-person.ts'
import { requireTool } from '../../support/run-tool.ts'
import { describeBooted } from './describe-booted.ts'
import { addPerson, askDaemon, enroll, otpgate, removePerson } from './installed-person.ts'
import { findMainPid, mainPid, propertyOf, systemctl, until } from './unit-control.ts'

const SOCKET = '/run/otpgate/otpgated.sock'
const CONFIGURATION = '/etc/otpgate/otpgate.toml'
/** WatchdogSec of the unit, twice. */
const LIMIT = 40_000
/** A user of no file: only process 1 knows it, and says so on a socket. */
const DYNAMIC = 'otpgate-dynamic'
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', DYNAMIC]

describeBooted('otpgated under systemd', () => {
  beforeAll(() => {
    requireTool('systemd-run', [`--unit=${DYNAMIC}`, '-pDynamicUser=yes', 'sleep', '600'])
    systemctl('start', 'otpgated.service')
  })

  afterAll(() => {
    for (const name of PEOPLE) removePerson(name)
    systemctl('stop', DYNAMIC)
  })

  test('is started by a login, and answers it as the service user with the key', async () => {
    const alice = addPerson('alice')
    systemctl('stop', 'otpgated.service')
    expect(await askDaemon('alice', wrongCodeOf(alice.app))).toBe(1)
    expect(await askDaemon('alice', codeOf(alice.app))).toBe(0)
    expect(propertyOf('otpgated', 'ActiveState')).toBe('active')
    expect(statSync(`/proc/${mainPid('otpgated')}`).uid).toBe(uidOfService())
  })

  test('listens where root alone gets to', () => {
    const { mode, uid } = statSync(SOCKET)
    expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: uidOfService() })
    expect(statSync('/run/otpgate')).toMatchObject({ mode: 0o40700, uid: 0 })
  })

  test('judges a recovery code, which takes argon2', async () => {
    const [code = ''] = addPerson('bob').recoveryCodes
    expect(await askDaemon('bob', code)).toBe(0)
    expect(await askDaemon('bob', code)).toBe(1)
  })

  test('knows users whom getent gets from a socket', async () => {
    const { app } = enroll(DYNAMIC)
    expect(await askDaemon(DYNAMIC, codeOf(app))).toBe(0)
  })

  test('takes another configuration by systemctl reload, which comes back once it is taken', async () => {
    const login = { service: 'sshd', firstFactor: '' }
    const { app } = addPerson('carol')
    const pid = mainPid('otpgated')
    expect(await askDaemon('carol', codeOf(app), login)).toBe(1)
    reconfigure('[policy]\ncode_alone = ["sshd"]\n')
    expect(await askDaemon('carol', codeOf(app), login)).toBe(0)
    expect(mainPid('otpgated')).toBe(pid)
  })

  test('keeps the old configuration where the new one is wrong, and says so in its status', async () => {
    const { app } = addPerson('dave')
    reconfigure('[nonsense]\n')
    expect(await askDaemon('dave', codeOf(app))).toBe(0)
    expect(propertyOf('otpgated', 'StatusText')).toContain('old configuration: ')
  })

  test('is replaced by the watchdog where it is stopped', async () => {
    const { app } = addPerson('erin')
    const pid = mainPid('otpgated')
    process.kill(pid, 'SIGSTOP')
    await until('another daemon', () => ![pid, undefined].includes(findMainPid('otpgated')), LIMIT)
    expect(propertyOf('otpgated', 'NRestarts')).not.toBe('0')
    expect(await askDaemon('erin', codeOf(app))).toBe(0)
  })

  test('comes back after it was killed, and nobody is refused meanwhile who waits', async () => {
    const { app } = addPerson('frank')
    process.kill(mainPid('otpgated'), 'SIGKILL')
    expect(await askDaemon('frank', codeOf(app))).toBe(0)
  })

  test('is there for the admin’s audit', () => {
    const rows: readonly { outcome: string }[] = JSON.parse(otpgate(['audit', 'alice', '--json']))
    expect(rows.map(({ outcome }) => outcome)).toContain('accepted')
    otpgate(['audit', 'verify'])
  })
})

/** The daemon has this configuration until the test is over. */
function reconfigure(toml: string): void {
  const before = readFileSync(CONFIGURATION)
  onTestFinished(() => {
    writeFileSync(CONFIGURATION, before)
    systemctl('reload', 'otpgated')
  })
  writeFileSync(CONFIGURATION, toml)
  systemctl('reload', 'otpgated')
}

function uidOfService(): number {
  return Number(requireTool('id', ['-u', 'otpgate']).stdout)
}
