import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../../support/enrolled-person.ts'
import { requireTool, runTool } from '../../support/run-tool.ts'
import { BEFORE_REBOOT, REBOOT_NOTE } from '../rebooted/reboot-note.ts'
import { describeBooted } from './describe-booted.ts'
import { otpgate } from './installed-person.ts'
import {
  addSetUpPerson,
  logIn,
  readPhase,
  readSetUpFiles,
  type SetUpPerson,
} from './set-up-person.ts'
import { findMainPid, mainPid, systemctl, until } from './unit-control.ts'

const UNIT = 'otpgate-setup.service'
const SESSION = 'otpgate-test-session.service'
const LIMIT = 30_000

describeBooted('setup ssh under systemd', () => {
  let admin: SetUpPerson
  let before: ReturnType<typeof readSetUpFiles>
  const install = (timeout: string) => [
    'setup',
    'ssh',
    '--as',
    'sybil',
    '--yes',
    '--timeout',
    timeout,
  ]
  const hasEnded = async (phase: string) => {
    await until(phase, () => readPhase() === phase, LIMIT)
    await until('no unit', () => findMainPid(UNIT) === undefined, LIMIT)
  }

  beforeAll(() => {
    systemctl('start', 'ssh.service')
    admin = addSetUpPerson('sybil')
    before = readSetUpFiles()
  })

  afterEach(() => {
    otpgate(['setup', 'revert', '--yes'])
    expect(readSetUpFiles()).toEqual(before)
  })

  afterAll(() => {
    writeFileSync(REBOOT_NOTE, JSON.stringify({ before, admin }))
    // Time enough to boot, so that nobody takes it back before.
    const command = `/usr/bin/otpgate ${install('30s').join(' ')}`
    writeFileSync(BEFORE_REBOOT, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 })
  })

  test('is watched by a unit of the next boot, and goes back where nobody logs in', async () => {
    otpgate(install('6s'))
    expect(systemctl('is-enabled', UNIT)).toBe('enabled')
    expect(await logIn(admin)).toMatchObject({ ok: false })
    await hasEnded('reverted')
    expect(runTool('systemctl', ['is-enabled', UNIT]).status).not.toBe(0)
    expect(readSetUpFiles()).toEqual(before)
    expect(await logIn(admin)).toMatchObject({ ok: true })
  })

  test('stays once somebody has logged in with a code', async () => {
    otpgate(install('1h'))
    expect(await logIn(admin, codeOf(admin.app, 1))).toMatchObject({ ok: true })
    await hasEnded('confirmed')
    expect(await logIn(admin)).toMatchObject({ ok: false })
  })

  test('goes back also where all of the session that began it is killed', async () => {
    const command = ['/usr/bin/otpgate', ...install('10s'), '--wait']
    requireTool('systemd-run', [`--unit=${SESSION}`, '--collect', ...command])
    await until('set up', () => readPhase() === 'awaiting-proof', LIMIT)
    const pid = mainPid(UNIT)
    systemctl('kill', '--signal=KILL', SESSION)
    expect(mainPid(UNIT)).toBe(pid)
    await hasEnded('reverted')
    expect(readSetUpFiles()).toEqual(before)
  })

  test('starts sshd again whose unit has ended meanwhile', async () => {
    otpgate(install('6s'))
    systemctl('stop', 'ssh.service')
    await hasEnded('reverted')
    expect(systemctl('is-active', 'ssh.service')).toBe('active')
    expect(await logIn(admin)).toMatchObject({ ok: true })
  })

  test('starts an sshd of no unit again, which goes on without the watcher', async () => {
    systemctl('stop', 'ssh.service')
    mkdirSync('/run/sshd', { recursive: true })
    requireTool('/usr/sbin/sshd', [])
    otpgate(install('6s'))
    endSshd()
    await hasEnded('reverted')
    expect(await logIn(admin)).toMatchObject({ ok: true })
    endSshd()
    systemctl('start', 'ssh.service')
  })

  test('goes back also where its watcher is killed, and systemd begins anew', async () => {
    otpgate(install('10s'))
    const pid = mainPid(UNIT)
    process.kill(pid, 'SIGKILL')
    await until('another watcher', () => ![pid, undefined].includes(findMainPid(UNIT)), LIMIT)
    systemctl('daemon-reexec')
    await hasEnded('reverted')
    expect(readSetUpFiles()).toEqual(before)
    expect(await logIn(admin)).toMatchObject({ ok: true })
  })
})

/** The one that has put itself into the background. */
function endSshd(): void {
  process.kill(Number(readFileSync('/run/sshd.pid', 'latin1')))
}
