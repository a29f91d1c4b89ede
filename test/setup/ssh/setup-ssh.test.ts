import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { codeOf, type EnrolledPerson, enrollPerson } from '../../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../../support/host-requirement.ts'
import { COMMAND_LINE } from '../../support/otpgate-host.ts'
import type { PrivateSshd } from '../../support/private-sshd.ts'
import { openSetupHost, type SetupHost } from '../../support/setup-host.ts'
import { loginWithSsh } from '../../support/ssh-client.ts'

const SERVICE = '/etc/pam.d/sshd'
const DROP_IN = '/etc/ssh/sshd_config.d/00-otpgate.conf'
const STATE = '/var/lib/otpgate-setup'
const PASSWORD = 'correct horse 1'
const canRun = canRunEndToEnd() && canRunWith('tests of set-up', ['unshare', 'nsenter', 'flock'])

describe.skipIf(!canRun)('otpgate setup ssh', { timeout: 120_000 }, () => {
  let host: SetupHost
  let sshd: PrivateSshd
  let alice: EnrolledPerson
  let before: ReadonlyMap<string, string>

  beforeAll(async () => {
    host = await openSetupHost()
    sshd = await host.startSshd()
    alice = await enrollPerson(host.otpgate, host.addUser())
    await host.otpgate.require(['confirm', alice.name], `${codeOf(alice.app)}\n`)
    before = host.readFiles()
  }, 60_000)

  afterEach(async () => {
    await host.setup(['revert', '--yes', '--force'])
    for (const [path, was] of before) if (host.readFiles().get(path) !== was) restore(path, was)
  })
  afterAll(() => host?.close())

  function restore(path: string, was: string): void {
    writeFileSync(host.own(path), was.slice(was.indexOf('\n') + 1), 'latin1')
  }

  const install = (...args: readonly string[]) =>
    host.setup(['ssh', '--as', alice.name, '--yes', '--timeout', '1h', ...args])
  const login = (answers?: readonly string[]) =>
    loginWithSsh(sshd, {
      user: alice.name,
      key: alice.key,
      command: 'id -un',
      ...(answers === undefined ? {} : { answers }),
    })
  const statusOf = async (name: string) =>
    JSON.parse(await host.otpgate.require(['show', name, '--json'])).status
  const status = async () => JSON.parse((await host.setup(['status', '--json'])).stdout)

  test('shows what it would change, and changes nothing, with --dry-run', async () => {
    const { status, stdout, stderr } = await install('--dry-run')
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('nothing was changed'),
    })
    expect(stdout).toContain('-@include common-auth\n+@include otpgate-key-then-code\n')
    expect(stdout).not.toContain('\x1b')
    const { files } = JSON.parse((await install('--dry-run', '--json')).stdout)
    expect(files.map(({ path }: { path: string }) => path)).toEqual([
      DROP_IN,
      '/etc/pam.d/otpgate-key-then-code',
      SERVICE,
    ])
    expect(host.readFiles()).toEqual(before)
  })

  test('looks at an sshd whose directory below /run is not there yet', async () => {
    await host.runInside('mount', ['-t', 'tmpfs', 'tmpfs', '/run'])
    onTestFinished(async () => void (await host.runInside('umount', ['--lazy', '/run'])))
    expect(await install('--dry-run')).toMatchObject({ status: 0 })
  })

  test('asks for a code from then on, and is confirmed by a login with one', async () => {
    expect(await install()).toMatchObject({ status: 0 })
    expect(await status()).toMatchObject({ phase: 'awaiting-proof', user: alice.name })
    expect(await login()).toMatchObject({ ok: false })
    expect((await status()).phase).toBe('awaiting-proof')
    expect(await login([codeOf(alice.app, 1)])).toMatchObject({ ok: true })
    await expect
      .poll(async () => (await status()).phase, { timeout: 20_000, interval: 200 })
      .toBe('confirmed')
  })

  test('is confirmed by a login while somebody else idles on a connection of before', async () => {
    const idle = connect(sshd.port, sshd.host)
    onTestFinished(() => void idle.destroy())
    await once(idle, 'data')
    const bob = await enrollPerson(host.otpgate, host.addUser())
    await host.otpgate.require(['confirm', bob.name], `${codeOf(bob.app)}\n`)
    expect(await host.setup(['ssh', '--as', bob.name, '--yes'])).toMatchObject({ status: 0 })
    const request = { user: bob.name, key: bob.key, command: 'id -un' }
    const answers = [codeOf(bob.app, 1)]
    expect(await loginWithSsh(sshd, { ...request, answers })).toMatchObject({ ok: true })
    await expect
      .poll(async () => (await status()).phase, { timeout: 20_000, interval: 200 })
      .toBe('confirmed')
  })

  test('ends the wait with what to type where the way back is refused', async () => {
    const waiting = install('--wait', '--timeout', '8s')
    await expect
      .poll(async () => (await status())?.phase, { timeout: 30_000, interval: 100 })
      .toBe('awaiting-proof')
    appendFileSync(host.own(SERVICE), '# mine\n')
    expect(await waiting).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /neither confirmed nor taken back.*changed .*sshd.*\n.*setup revert --force/,
      ),
    })
    const { stdout } = await host.setup(['status'])
    expect(stdout).toContain('goes back NOT so far')
    expect(stdout).toContain('setup revert --force')
    expect((await status()).note).toMatchObject({ kind: 'end-failed' })
  })

  test('goes back where the way back by hand was stopped in the middle', async () => {
    await install()
    // As long as sshd says nothing, the way back waits for it in the middle.
    process.kill(sshd.pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(sshd.pid, 'SIGCONT'))
    const [enter = '', ...inside] = host.enter
    const words = [COMMAND_LINE, '--config', host.otpgate.configFile, 'setup', 'revert']
    const stopped = spawn(enter, [...inside, ...words], { stdio: 'ignore' })
    onTestFinished(() => void stopped.kill('SIGKILL'))
    const phase = () => JSON.parse(readFileSync(host.own(`${STATE}/journal.json`), 'utf8')).phase
    await expect.poll(phase, { timeout: 20_000, interval: 2 }).toBe('reverting')
    stopped.kill('SIGSTOP')
    expect(phase()).toBe('reverting')
    process.kill(sshd.pid, 'SIGCONT')
    await expect.poll(phase, { timeout: 60_000, interval: 200 }).toBe('reverted')
    expect(host.readFiles()).toEqual(before)
  })

  test('is confirmed by an admin who says so, once', async () => {
    await install()
    expect(await host.setup(['confirm'])).toMatchObject({ status: 0 })
    expect(await host.setup(['confirm'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('confirmed already'),
    })
    expect(await install()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('asks otpgate already'),
    })
    expect(await host.setup(['revert', '--yes'])).toMatchObject({ status: 0 })
    expect(host.readFiles()).toEqual(before)
    expect(await login()).toMatchObject({ ok: true })
  })

  test("is not confirmed where a file of it is somebody else's by now", async () => {
    await install()
    const ours = readFileSync(host.own(SERVICE))
    appendFileSync(host.own(SERVICE), '# mine\n')
    expect(await host.setup(['confirm'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`somebody else has changed ${SERVICE} since`),
    })
    expect((await status()).phase).toBe('awaiting-proof')
    writeFileSync(host.own(SERVICE), ours)
    expect(await host.setup(['confirm'])).toMatchObject({ status: 0 })
  })

  test('says why a login does not confirm it, where its files cannot be trusted by now', async () => {
    const bob = await enrollPerson(host.otpgate, host.addUser())
    await host.otpgate.require(['confirm', bob.name], `${codeOf(bob.app)}\n`)
    expect(await host.setup(['ssh', '--as', bob.name, '--yes'])).toMatchObject({ status: 0 })
    chmodSync(host.own('/etc/pam.d'), 0o777)
    try {
      const request = { user: bob.name, key: bob.key, command: 'id -un' }
      const answers = [codeOf(bob.app, 1)]
      expect(await loginWithSsh(sshd, { ...request, answers })).toMatchObject({ ok: true })
      await expect
        .poll(async () => (await status()).note?.text, { timeout: 20_000, interval: 200 })
        .toContain("not set-up's to change")
    } finally {
      chmodSync(host.own('/etc/pam.d'), 0o755)
    }
  })

  test('does not begin again on what is left in part, and keeps the way back of that', async () => {
    await install()
    await host.setup(['confirm'])
    restore(SERVICE, before.get(SERVICE) ?? '')
    expect(await install()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/still there in part: .*00-otpgate.conf.*\n.*setup revert/),
    })
    expect(await host.setup(['revert', '--yes'])).toMatchObject({ status: 0 })
    expect(host.readFiles()).toEqual(before)
  })

  test('keeps the originals of the last set-up alone', async () => {
    const copies = () =>
      readdirSync(host.own(STATE)).filter((name) => name.endsWith('.original')).length
    for (const _ of [1, 2]) {
      await install()
      expect(copies()).toBe(1)
      await host.setup(['revert'])
    }
  })

  test('names blocks of sshd_config that go on saying otherwise for some', async () => {
    const robot = host.own('/etc/ssh/sshd_config.d/50-robot.conf')
    writeFileSync(robot, 'Match User backup\n    AuthenticationMethods publickey\n')
    const { stderr } = await install('--dry-run')
    rmSync(robot)
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      '50-robot.conf line 2 goes on saying "authenticationmethods publickey" for Match User backup',
    )
  })

  test('names a line for everybody that does not count any more', async () => {
    const other = host.own('/etc/ssh/sshd_config.d/60-mine.conf')
    writeFileSync(other, 'AuthenticationMethods publickey\n')
    const { stderr } = await install('--dry-run')
    rmSync(other)
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      '60-mine.conf line 1 says "authenticationmethods publickey"',
    )
  })

  test('is taken back byte for byte on request, and there is nothing to do twice', async () => {
    await install()
    expect(await install()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('an earlier set-up is not over'),
    })
    expect(await host.setup(['revert'])).toMatchObject({ status: 0 })
    expect(host.readFiles()).toEqual(before)
    expect(await host.setup(['revert'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('nothing to take back'),
    })
  })

  test('touches nothing on the way back where somebody has changed a file since', async () => {
    await install()
    appendFileSync(host.own(SERVICE), '# mine\n')
    const changed = host.readFiles()
    expect(await host.setup(['revert'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(new RegExp(`changed ${SERVICE}.*\n.*diff -u .*--force`)),
    })
    expect(host.readFiles()).toEqual(changed)
    const files: readonly { state: string }[] = (await status()).files
    expect(files.map(({ state }) => state)).toEqual(['installed', 'installed', 'changed'])

    const { status: ended, stdout } = await host.setup(['revert', '--force'])
    expect(ended).toBe(0)
    const [, kept = ''] = /^kept +(\/var\/lib\/otpgate-setup\/\S+)\n$/.exec(stdout) ?? []
    expect(readFileSync(host.own(kept), 'latin1')).toContain('# mine\n')
    expect(host.readFiles()).toEqual(before)
  })

  test('puts back by force what is a symlink by now, and keeps where it led', async () => {
    await install()
    const elsewhere = '/etc/pam.d/other-file'
    onTestFinished(() => rmSync(host.own(elsewhere)))
    renameSync(host.own(SERVICE), host.own(elsewhere))
    symlinkSync('other-file', host.own(SERVICE))
    rmSync(host.own(DROP_IN))
    symlinkSync('/dev/null', host.own(DROP_IN))
    const changed = host.readFiles()
    expect(await host.setup(['revert'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--force'),
    })
    expect(host.readFiles()).toEqual(changed)
    const { status: ended, stdout } = await host.setup(['revert', '--force'])
    expect(ended).toBe(0)
    const links = [...stdout.matchAll(/^kept +(\S+)$/gm)].map(([, path = '']) =>
      readlinkSync(host.own(path)),
    )
    expect(links).toEqual(['/dev/null', elsewhere])
    const after = new Map(host.readFiles())
    after.delete(elsewhere)
    expect(after).toEqual(before)
    expect(lstatSync(host.own(SERVICE)).isFile()).toBe(true)
  })

  test('takes the password as the first factor by the other recipe, and keys as well', async () => {
    expect(await install('--recipe', 'password+code')).toMatchObject({ status: 0 })
    expect(readFileSync(host.own(SERVICE), 'latin1')).toContain(
      '@include otpgate-password-then-code',
    )
    expect(await login()).toMatchObject({ ok: false })
    const dave = await enrollPerson(host.otpgate, host.addUser({ password: PASSWORD }))
    const request = { user: dave.name, password: PASSWORD, command: 'id -un' }
    expect(await loginWithSsh(sshd, request)).toMatchObject({ ok: false })
    const answers = [codeOf(dave.app)]
    expect(await loginWithSsh(sshd, { ...request, answers })).toMatchObject({ ok: true })
  })

  test('asks members of a group alone, where it is for a group', async () => {
    const group = alice.name
    expect(await install('--group', group)).toMatchObject({ status: 0 })
    const outsider = host.addUser()
    const request = { user: outsider.name, key: outsider.key, command: 'id -un' }
    expect(await loginWithSsh(sshd, request)).toMatchObject({ ok: true })
    expect(await login()).toMatchObject({ ok: false })
  })

  test('opens nothing to people outside of the group that was closed to them', async () => {
    const outsider = host.addUser({ password: PASSWORD })
    const noPasswords = host.own('/etc/ssh/sshd_config.d/50-keys-only.conf')
    writeFileSync(noPasswords, 'PasswordAuthentication no\n')
    onTestFinished(() => rmSync(noPasswords))
    expect(await install('--group', alice.name)).toMatchObject({ status: 0 })
    const request = { user: outsider.name, command: 'id -un' }
    for (const first of [{ answers: [PASSWORD] }, { password: PASSWORD }]) {
      expect(await loginWithSsh(sshd, { ...request, ...first })).toMatchObject({ ok: false })
    }
    expect(await loginWithSsh(sshd, { ...request, key: outsider.key })).toMatchObject({ ok: true })
    expect(await login([codeOf(alice.app, 1)])).toMatchObject({ ok: true })
  })

  test('leaves a way in for when otpgate is broken, where a rule has written it down', async () => {
    const rescue = host.addUser()
    const glass = `${rescue.name}@127.0.0.0/8`
    expect(await install('--break-glass', glass)).toMatchObject({ status: 1 })
    const rule = `users = ["${rescue.name}"]\nnetworks = ["127.0.0.0/8"]\nemergency = true`
    host.otpgate.configure(`[[exempt]]\nname = "break glass"\n${rule}\n`)
    expect(await install('--break-glass', glass)).toMatchObject({ status: 0 })
    const moved = `${host.otpgate.databaseFile}.away`
    renameSync(host.otpgate.databaseFile, moved)
    const request = { user: rescue.name, key: rescue.key, command: 'id -un' }
    expect(await loginWithSsh(sshd, request)).toMatchObject({ ok: true })
    expect(await login([codeOf(alice.app, 1)])).toMatchObject({ ok: false })
    renameSync(moved, host.otpgate.databaseFile)
    host.otpgate.configure('')
    expect(await host.setup(['revert'])).toMatchObject({ status: 0 })
    expect(host.readFiles()).toEqual(before)
  })

  test('refuses whoever could not log in afterwards, and changes nothing', async () => {
    const bob = host.addUser()
    for (const name of [bob.name, 'root', 'nobody']) {
      const { status: ended, stderr } = await host.setup(['ssh', '--yes', '--as', name])
      expect({ ended, stderr }).toMatchObject({ ended: 1, stderr: expect.stringContaining(name) })
    }
    expect(await host.setup(['ssh', '--yes', '--as', 'nosuch'])).toMatchObject({ status: 3 })
    expect(host.readFiles()).toEqual(before)
  })

  test('removes what a rehearsal has left that was killed long ago', async () => {
    const left = mkdtempSync('/run/otpgate-setup-')
    onTestFinished(() => rmSync(left, { recursive: true, force: true }))
    await install('--dry-run')
    expect(existsSync(left)).toBe(true)
    utimesSync(left, 0, 0)
    await install('--dry-run')
    expect(existsSync(left)).toBe(false)
  })

  test('asks nobody where nobody is: without --yes nothing is changed', async () => {
    expect(await host.setup(['ssh', '--as', alice.name])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('add --yes'),
    })
    expect(host.readFiles()).toEqual(before)
  })

  test('invites people without a device, who then log in by their key, and nobody who was reset', async () => {
    const carol = host.addUser()
    const dave = await enrollPerson(host.otpgate, host.addUser())
    await host.otpgate.require(['reset', dave.name, '--yes'])
    const invited = await install('--invite', '7d')
    expect(await statusOf(carol.name)).toBe('invited')
    expect(await statusOf(dave.name)).toBe('must-enroll')
    expect(invited.stderr).toContain(`otpgate invite ${dave.name}`)
    const request = { user: carol.name, key: carol.key, command: 'id -un', answers: [''] }
    expect(await loginWithSsh(sshd, request)).toMatchObject({ ok: true })
    const { stderr } = await host.setup(['revert'])
    expect(stderr.replace(/\s+/g, ' ')).toMatch(`invited by setup ssh, which stays until its date:`)
    expect(stderr).toContain(carol.name)
  })
})
