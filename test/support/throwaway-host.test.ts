import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunEndToEnd } from './host-requirement.ts'
import { runPamTester } from './pam-tester.ts'
import { loginWithPlink } from './plink-client.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { isRunning } from './process-tree.ts'
import { fillPamRecipe, readExample } from './shipped-example.ts'
import { copyWithScp, loginWithSsh, runSftp } from './ssh-client.ts'
import { sweepLeftovers } from './sweep.ts'
import { type HostUser, openThrowawayHost, type ThrowawayHost } from './throwaway-host.ts'

const SLOW_TEST_MS = 60_000
const MESSAGE = 'Enter the 6-digit code.'
/** What is copied: a file that stays as it is, unlike /etc/passwd with the users of other tests. */
const SENT = import.meta.filename

/** Stands in for the verifier: 123456 is right, nobody is excused, everybody has a ticket. */
const STAND_IN = `#!/bin/sh
case $1 in
  --excused) echo "${MESSAGE}"; exit 1 ;;
  --account) exit 0 ;;
esac
[ "$(cat)" = 123456 ]
`

/** Opens a host in a process of its own, says what it made as one line of JSON, and stays. */
const OTHER_PROCESS = `
const { openThrowawayHost } = await import(process.argv[1])
const host = openThrowawayHost()
const user = host.addUser()
const service = host.addPamService('auth required pam_deny.so')
const sshd = await host.startSshd({ service })
console.log(JSON.stringify({ user: user.name, service, directory: host.directory, pid: sshd.pid }))
setInterval(() => {}, 1000)
`

interface Traces {
  readonly user: string
  readonly service: string
  readonly directory: string
  /** Of sshd. */
  readonly pid: number
}

describe.skipIf(!canRunEndToEnd())('a throw-away host', { timeout: SLOW_TEST_MS }, () => {
  let host: ThrowawayHost
  let user: HostUser
  let service: string
  let sshd: PrivateSshd

  beforeAll(async () => {
    host = openThrowawayHost()
    user = host.addUser({ password: 'correct horse' })
    const verifier = host.writeProgram('verifier', STAND_IN)
    service = host.addPamService(fillPamRecipe(readKeyThenCode(), [verifier]))
    sshd = await host.startSshd({ service, config: readExample('sshd_config.d/00-otpgate.conf') })
  }, SLOW_TEST_MS)

  afterAll(() => host?.close())

  const withKey = (answers: readonly string[]) => ({ user: user.name, key: user.key, answers })

  test('lets the key and the right code in, and shows what the user saw', async () => {
    const login = { ...withKey(['123456']), command: 'id -un; cat', input: 'from stdin' }
    expect(await loginWithSsh(sshd, login)).toMatchObject({
      ok: true,
      stdout: `${user.name}\nfrom stdin`,
      prompts: ['Password: '],
      messages: [MESSAGE],
    })
  })

  test('ends at its close what pam_exec has started and nobody waits for', async () => {
    const other = openThrowawayHost()
    try {
      const lines = ['#!/bin/sh', 'sleep 1000 &', `echo $$ $! >${other.directory}/pids`, 'wait']
      const hanging = other.writeProgram('hanging', lines.join('\n'))
      const waiting = other.addPamService(`auth required pam_exec.so quiet ${hanging}\n`)
      const run = { service: waiting, user: user.name, timeoutMs: 1500 }
      expect(await runPamTester(run)).toMatchObject({ ok: false, timedOut: true })
      const pids = readFileSync(join(other.directory, 'pids'), 'utf8').trim().split(' ').map(Number)
      expect(pids.map(isRunning)).toEqual([true, true])
      other.close()
      expect(pids.map(isRunning)).toEqual([false, false])
    } finally {
      other.close()
    }
  })

  test('refuses the key with a wrong code', async () => {
    const result = await loginWithSsh(sshd, withKey(['654321']))
    expect(result).toMatchObject({ ok: false, prompts: ['Password: '], timedOut: false })
    const refusal = `Failed keyboard-interactive/pam for ${user.name}`
    await expect.poll(sshd.readLog).toContain(refusal)
  })

  test('hands out several answers in their order', async () => {
    const result = await loginWithSsh(sshd, withKey(['654321', '123456']))
    expect(result).toMatchObject({ ok: true, prompts: ['Password: ', 'Password: '] })
  })

  test('refuses the right code behind a key that nobody authorized', async () => {
    const login = { ...withKey(['123456']), key: host.createStrangerKey() }
    expect(await loginWithSsh(sshd, login)).toMatchObject({ ok: false, prompts: [] })
  })

  test('serves many logins at once', async () => {
    const codes = ['123456', '654321', '123456', '654321', '123456', '654321']
    const results = await Promise.all(codes.map((code) => loginWithSsh(sshd, withKey([code]))))
    expect(results.map((result) => result.ok)).toEqual(codes.map((code) => code === '123456'))
  })

  test('answers the password method with the password, and the code with the code', async () => {
    const config = `PasswordAuthentication yes
      Match User ${user.name}
      AuthenticationMethods password,keyboard-interactive:pam`
    const asked = host.addPamService(readBothFactors(host))
    const both = await host.startSshd({ service: asked, config })
    const login = { user: user.name, password: 'correct horse', answers: ['123456'] }
    expect(await loginWithSsh(both, login)).toMatchObject({ ok: true })
    expect(await loginWithSsh(both, { ...login, password: 'wrong' })).toMatchObject({ ok: false })
    expect(await loginWithSsh(both, { ...login, answers: ['654321'] })).toMatchObject({ ok: false })
  })

  test('copies with scp and sftp through the prompt', async () => {
    const copied = await copyWithScp(sshd, withKey(['123456']), SENT, 'copied')
    expect(copied.ok).toBe(true)
    const copy = readFileSync(join(user.home, 'copied'), 'utf8')
    expect(copy).toBe(readFileSync(SENT, 'utf8'))
    expect((await runSftp(sshd, withKey(['123456']), ['rm copied'])).ok).toBe(true)
    expect(existsSync(join(user.home, 'copied'))).toBe(false)
    expect((await runSftp(sshd, withKey(['654321']), ['pwd'])).ok).toBe(false)
  })

  test('serves a client that is not OpenSSH', async () => {
    expect(await loginWithPlink(sshd, withKey(['123456']))).toMatchObject({ ok: true })
    expect(await loginWithPlink(sshd, withKey(['654321']))).toMatchObject({ ok: false })
  })

  test('runs a PAM service without sshd', async () => {
    const operations = ['authenticate', 'acct_mgmt']
    const run = { service, user: user.name, operations }
    expect((await runPamTester({ ...run, answers: ['123456'] })).ok).toBe(true)
    expect((await runPamTester({ ...run, answers: ['654321'] })).ok).toBe(false)
  })

  test('shows PAM environment and items to the verifier', async () => {
    const lines = host.writeProgram('show', '#!/bin/sh\necho "$COLOUR $PAM_RHOST"\n')
    const shows = host.addPamService(`auth required pam_exec.so stdout ${lines}\n`)
    const env = { COLOUR: 'green' }
    const items = { rhost: '192.0.2.7' }
    const { output } = await runPamTester({ service: shows, user: user.name, env, items })
    expect(output).toContain('green 192.0.2.7')
  })
})

describe.skipIf(!canRunEndToEnd())('what a host leaves', { timeout: SLOW_TEST_MS }, () => {
  test('is nothing after close, sessions that still run included', async () => {
    const host = openThrowawayHost()
    const user = host.addUser()
    const service = host.addPamService(
      'auth required pam_deny.so\naccount required pam_permit.so\n',
    )
    const sshd = await host.startSshd({ service })
    const login = { user: user.name, key: user.key, command: 'echo $$ >pid; exec sleep 300' }
    const session = loginWithSsh(sshd, login)
    const pid = await readWhenThere(join(user.home, 'pid'))
    const traces = { user: user.name, service, directory: host.directory, pid: sshd.pid }
    expect(findTraces(traces)).toHaveLength(4)
    expect(isRunning(pid)).toBe(true)

    host.close()
    host.close()

    expect(findTraces(traces)).toEqual([])
    expect(isRunning(pid)).toBe(false)
    expect((await session).ok).toBe(false)
  })

  test('is nothing when the process is told to end', async () => {
    const traces = await endOtherProcess('SIGTERM')
    expect(findTraces(traces)).toEqual([])
  })

  test('is swept up by the next run when the process was killed', async () => {
    const traces = await endOtherProcess('SIGKILL')
    // Another test file that opens a host at this moment sweeps too, so some may be gone already.
    sweepLeftovers()
    expect(findTraces(traces)).toEqual([])
  })

  test('of a process that still runs stays', () => {
    const host = openThrowawayHost()
    const user = host.addUser()
    const service = host.addPamService('auth required pam_deny.so')
    sweepLeftovers()
    const traces = { user: user.name, service, directory: host.directory, pid: process.pid }
    expect(findTraces(traces)).toHaveLength(4)
    host.close()
  })
})

function readKeyThenCode(): string {
  return readExample('pam.d/otpgate-key-then-code')
}

/** The password in sshd's password pass, where SSH_AUTH_INFO_0 says nothing yet; else the code. */
function readBothFactors(host: ThrowawayHost): string {
  const isFirst = host.writeProgram('is-first', '#!/bin/sh\n[ -z "$SSH_AUTH_INFO_0" ]\n')
  const verifier = host.writeProgram('code', STAND_IN)
  return `
auth [success=ignore default=2] pam_exec.so quiet ${isFirst}
auth substack common-auth
auth [default=1] pam_permit.so
auth requisite pam_exec.so quiet expose_authtok ${verifier}
auth required pam_permit.so
@include common-account
@include common-session-noninteractive
`
}

function findTraces({ user, service, directory, pid }: Traces): string[] {
  const names = readFileSync('/etc/passwd', 'utf8').split('\n')
  return [
    ...names.filter((line) => line.startsWith(`${user}:`)),
    ...[`/etc/pam.d/${service}`, directory].filter((path) => existsSync(path)),
    ...(isRunning(pid) ? [`process ${pid}`] : []),
  ]
}

/** Lets another process open a host, sees that it stands, ends the process, returns what it made. */
async function endOtherProcess(signal: NodeJS.Signals): Promise<Traces> {
  const module = new URL('throwaway-host.ts', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '--eval', OTHER_PROCESS, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const traces: Traces = JSON.parse(String(line))
  expect(findTraces(traces)).toHaveLength(4)
  child.kill(signal)
  await once(child, 'exit')
  return traces
}

/** The number that a program on the host is about to write to a file. */
async function readWhenThere(file: string): Promise<number> {
  const read = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
  await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(0)
  return read()
}
