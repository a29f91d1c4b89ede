import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { codeOf } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import { COMMAND_LINE } from '../support/otpgate-host.ts'
import { BARE_ENVIRONMENT } from '../support/run-program.ts'
import { runTool } from '../support/run-tool.ts'
import { openSetupWorld, SETUP_STATE, type SetupWorld } from '../support/setup-world.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const SSHD = '/usr/sbin/sshd'
const PATIENCE_MS = 20_000
const canRun = () =>
  canRunEndToEnd() && canRunWith('tests of set-up', ['script', 'unshare', 'nsenter'])

describe.skipIf(!canRun())('setup ssh that goes wrong', () => {
  let world: SetupWorld
  const install = (...options: readonly string[]) => [
    ...['ssh', '--as', world.admin.name],
    ...(options.length === 0 ? ['--yes', '--timeout', '1h'] : options),
  ]

  beforeAll(async () => {
    world = await openSetupWorld()
  })

  afterAll(() => world?.host.close())

  test('because of a line of PAM says so, and touches nothing', async () => {
    const { host } = world
    const file = host.own('/etc/pam.d/sshd')
    const before = readFileSync(file)
    onTestFinished(() => writeFileSync(file, before))
    writeFileSync(file, `auth requisite pam_deny.so\n${before}`)
    const files = host.readFiles()
    const result = await host.setup(install())
    expect(result).toMatchObject({ status: 1 })
    expect(result.stderr).toContain('nothing was changed: sshd does not ask for a code')
    expect(host.readFiles()).toEqual(files)
    expect(existsSync(host.own(`${SETUP_STATE}/journal.json`))).toBe(false)
  })

  test('because sshd does not start with it puts all back, and sshd with it', async () => {
    const { host } = world
    await replaceSshd(world)
    const result = await host.setup(install())
    expect(result).toMatchObject({ status: 1 })
    expect(result.stderr).toContain('sshd does not answer')
    expect(world.readPhase()).toBe('reverted')
    await world.untilNobodyWatches()
    await world.assertAsBefore()
  })

  test('because sshd has ended, and its directory below /run with it, starts it again', async () => {
    const { host } = world
    expect(await host.setup(install('--yes', '--timeout', '5s'))).toMatchObject({ status: 0 })
    // Systemd takes it away together with a unit; here another test may need that of this machine.
    await host.runInside('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
    onTestFinished(async () => void (await host.runInside('umount', ['--lazy', '/run'])))
    process.kill(Number(readFileSync(host.own('/sshd.pid'), 'utf8')))
    await world.untilNobodyWatches()
    expect(world.readPhase()).toBe('reverted')
    await world.assertAsBefore()
  })

  test('because its terminal is closed goes on without it, and is confirmed by a login', async () => {
    const { admin, sshd, host } = world
    await closeTerminal(world, install('--timeout', '1h'), 'Waiting.')
    expect(world.readPhase()).toBe('awaiting-proof')
    const request = { user: admin.name, key: admin.key, command: 'id -un' }
    expect(await loginWithSsh(sshd, request)).toMatchObject({ ok: false })
    const answers = [codeOf(admin.app, 1)]
    expect(await loginWithSsh(sshd, { ...request, answers })).toMatchObject({ ok: true })
    await world.untilNobodyWatches()
    expect(world.readPhase()).toBe('confirmed')
    expect(await host.setup(['revert', '--yes'])).toMatchObject({ status: 0 })
    await world.assertAsBefore()
  })

  test('because its terminal is closed goes back in time where nobody logs in', async () => {
    await closeTerminal(world, install('--timeout', '5s'), 'Waiting.')
    await world.untilNobodyWatches()
    expect(world.readPhase()).toBe('reverted')
    await world.assertAsBefore()
  })

  test('because its terminal is closed during the trial leaves nothing', async () => {
    const { host } = world
    await closeTerminal(world, install('--timeout', '1h'), 'trial: a key alone')
    await host.setup(['revert', '--yes'])
    await world.assertAsBefore()
  })
})

/**
 * From now on an sshd that reads its configuration again ends, as long as ours is there; in all other
 * ways it is the real one, under the name that it is called by.
 */
async function replaceSshd({ host }: SetupWorld): Promise<void> {
  const real = host.own('/real/sshd')
  mkdirSync(host.own('/real'))
  copyFileSync(SSHD, real)
  const program = host.writeProgram(
    'sshd',
    `#!/bin/bash
case " $* " in *" -t "* | *" -T "* | *" -i "* | *" -V "*) exec -a "$0" ${real} "$@" ;; esac
[ ! -e /etc/ssh/sshd_config.d/00-otpgate.conf ] || exit 1
exec -a "$0" ${real} "$@"
`,
  )
  const mount = await host.runInside('mount', ['--bind', program, SSHD])
  expect(mount).toMatchObject({ status: 0 })
  onTestFinished(async () => void (await host.runInside('umount', [SSHD])))
}

/** Runs it on a terminal, answers what it asks, and closes the terminal once it has said `until`. */
async function closeTerminal(
  { host }: SetupWorld,
  args: readonly string[],
  until: string,
): Promise<void> {
  const command = [COMMAND_LINE, '--config', host.otpgate.configFile, 'setup', ...args]
  const line = [...host.enter, ...command].join(' ')
  const terminal = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...BARE_ENVIRONMENT, TERM: 'dumb', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
  })
  const ended = once(terminal, 'exit')
  let screen = ''
  terminal.stdout.setEncoding('utf8')
  for await (const chunk of terminal.stdout) {
    screen += chunk
    if (screen.includes(until)) break
    const answer = ANSWERS.find(({ to }) => to.test(screen))
    if (answer === undefined) continue
    screen = ''
    terminal.stdin.write(`${answer.keys}\n`)
  }
  if (!screen.includes(until)) throw new Error(`it never came to "${until}": ${screen}`)
  terminal.kill('SIGKILL')
  await ended
  await untilGone(command)
}

const ANSWERS = [
  { to: /and enroll\? \[y\/N\] $/, keys: 'n' },
  { to: /install it.*\? \[y\/N\] $/s, keys: 'y' },
  { to: /A code of .*: $/s, keys: '' },
] as const

/** The command itself ends with its terminal. */
async function untilGone(command: readonly string[]): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  const pattern = command.slice(1).join(' ')
  while (runTool('pgrep', ['-f', '--', pattern]).status === 0) {
    if (Date.now() > end) throw new Error('it goes on without its terminal')
    await wait(50)
  }
}
