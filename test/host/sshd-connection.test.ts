import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { listOpenConnections } from '../../src/host/sshd-connection.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { type LoginRequest, loginWithSsh } from '../support/ssh-client.ts'

const PATIENCE_MS = 10_000

describeOnHost('connections that nobody has logged in on', (onHost) => {
  test('are those that have only been accepted', async () => {
    const sshd = await startSshd(onHost())
    // The one by which it was seen to be up.
    await until(() => openOf(sshd).length === 0)
    const socket = connect(sshd.port, sshd.host)
    onTestFinished(() => void socket.destroy())
    await once(socket, 'data')
    await until(() => openOf(sshd).length === 1)
    const [first] = openOf(sshd)
    expect(listOpenConnections({ procDirectory: '/proc' })).toContainEqual(first)
    expect(first).toMatchObject({ stage: 'nobody-named', user: undefined })
    socket.destroy()
    await until(() => openOf(sshd).length === 0)
  })

  test('are those in which somebody is being asked, and no sessions', async () => {
    const { host, otpgate } = onHost()
    const sshd = await startSshd(onHost())
    const { name, key, app } = await enrollPerson(otpgate, host.addUser())
    const request = { user: name, key, answers: [codeOf(app)], command: 'sleep 600' }
    await until(() => openOf(sshd).length === 0)
    const session = logIn(sshd, request)
    await until(() =>
      openOf(sshd).some((each) => each.stage === 'logging-in' && each.user === name),
    )
    await until(() => openOf(sshd).length === 0)
    expect(await isStillThere(session)).toBe(true)
  })

  test('are none of processes that only call themselves so', async () => {
    const { host } = onHost()
    const { uid, gid } = host.addUser()
    const child = spawn('sleep', ['600'], { argv0: 'sshd: root [priv]', uid, gid, stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'spawn')
    const pids = listOpenConnections({ procDirectory: '/proc' }).map(({ pid }) => pid)
    expect(pids).not.toContain(child.pid)
  })
})

/** One of the test's own: other tests log in on the suite's. */
function startSshd({ host, otpgate }: Pick<ShippedHost, 'host' | 'otpgate'>): Promise<PrivateSshd> {
  return startShippedSshd(host, otpgate)
}

function openOf({ pid }: PrivateSshd) {
  return listOpenConnections({ procDirectory: '/proc', listener: pid })
}

function logIn(sshd: PrivateSshd, request: LoginRequest) {
  const login = loginWithSsh(sshd, { ...request, timeoutMs: 5000 })
  onTestFinished(async () => void (await login))
  return login
}

async function isStillThere(session: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([session, wait(200, 'running')])) === 'running'
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('not in time')
    await wait(10)
  }
}
