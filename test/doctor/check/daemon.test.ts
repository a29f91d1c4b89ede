import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeOnHost, edit } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const STRANGER_UID = 65_533
const ATTEMPT = { start: 8, end: 24 }
const LONG_AGO = 1_000_000_000
const LATER = 4_000_000_000

/** What a daemon answers that judges by another configuration. */
function answer(socket: Socket): void {
  socket.on('data', (question: Buffer) => {
    const attempt = question.subarray(ATTEMPT.start, ATTEMPT.end)
    socket.end(Buffer.concat([Buffer.from('OTPG\x01D\x00\x10', 'latin1'), attempt]))
  })
}

describeOnHost('the check of daemon', (host) => {
  let server: Server | undefined

  afterEach(() => server?.close())

  const listen = async ({ places: { daemonSocket } }: SickHost, speak = answer) => {
    mkdirSync(dirname(daemonSocket), { mode: 0o700, recursive: true })
    rmSync(daemonSocket, { force: true })
    server?.close()
    server = createServer({ allowHalfOpen: true }, speak)
    await new Promise<void>((done) => server?.listen(daemonSocket, done))
  }
  const switchOn = ({ write, keyFile }: SickHost) => {
    write('units/sockets.target.wants/otpgated.socket', '')
    write('units/otpgated.service', `[Service]\nLoadCredential=master.key:${keyFile}\n`)
  }
  const runSince = ({ write }: SickHost, at: number, status = '12 answered, 0 not, 0 open') =>
    write(
      'systemctl',
      `#!/bin/sh\necho ActiveState=active\necho 'StatusText=${status}'\necho ExecMainStartTimestamp=@${at}\n`,
      0o755,
    )
  const says = async (...args: readonly string[]) => {
    const { report } = await host().examine(...args)
    const findings = report.checks.flatMap((each) => each.findings)
    return findings.map(({ severity, what }) => `${severity}: ${what}`).join('\n')
  }

  test('is content with one that is switched on, answers, and is of this program', async () => {
    switchOn(host())
    await listen(host())
    runSince(host(), LATER)
    expect(await host().complaints()).toEqual([])
    const { report } = await host().examine()
    expect(report.checks.find(({ check }) => check === 'daemon')?.verdict).toBe('ok')
  })

  test('finds that a socket which is switched on is not there', async () => {
    switchOn(host())
    expect(await says()).toMatch(/^warning: otpgated.socket is switched on, and there is no \S+$/)
    await listen(host())
    expect(await host().complaints()).toEqual([])
  })

  test('finds that somebody else listens', { timeout: 30_000 }, async () => {
    await listen(host(), (socket) => socket.end('hello'))
    expect(await says()).toMatch(/^warning: nothing that is our daemon answers at \S+$/)
    await listen(host())
    expect(await host().complaints()).toEqual([])
  })

  test('finds a socket of somebody else', async () => {
    await listen(host())
    const { daemonSocket } = host().places
    chownSync(daemonSocket, STRANGER_UID, 0)
    expect(await says()).toContain(`otpgated.sock belongs to uid ${STRANGER_UID}`)
    chownSync(daemonSocket, 993, 0)
    expect(await host().complaints()).toEqual([])
  })

  test('finds a socket that everybody can ask', async () => {
    await listen(host())
    const directory = dirname(host().places.daemonSocket)
    chmodSync(directory, 0o755)
    chmodSync(host().places.daemonSocket, 0o666)
    expect(await says()).toMatch(/^problem: .*otpgated.sock can be asked by others than root$/)
    chmodSync(host().places.daemonSocket, 0o600)
    expect(await host().complaints()).toEqual([])
  })

  test('finds that its user is missing', async () => {
    switchOn(host())
    await listen(host())
    edit(host().configFile, '[store]', '[daemon]\nuser = "ghost"\n[store]')
    expect(await says()).toMatch(/^problem: there is no user "ghost", whom \[daemon\] user names$/)
    edit(host().configFile, '"ghost"', '"otpgate"')
    expect(await host().complaints()).toEqual([])
  })

  test('finds that it takes another key, as a drop-in says', async () => {
    switchOn(host())
    await listen(host())
    host().write(
      'units/otpgated.service.d/a.conf',
      '[Service]\nLoadCredential=master.key:/old.key\n',
    )
    expect(await says()).toMatch(/^problem: the daemon takes its key from \/old.key, and /)
    host().write('units/otpgated.service.d/a.conf', '[Service]\n')
    expect(await host().complaints()).toEqual([])
  })

  test('passes on what it says of itself', async () => {
    await listen(host())
    runSince(host(), LATER, 'cannot judge: the key is another; 0 answered, 3 not, 0 open')
    expect(await says()).toMatch(/^warning: the daemon says: cannot judge: the key is another;/)
    runSince(host(), LATER)
    expect(await host().complaints()).toEqual([])
  })

  test('finds that program and key have changed since it began', async () => {
    await listen(host())
    host().write('program/dist/otpgated.cjs', '')
    runSince(host(), LONG_AGO)
    expect(await says()).toMatch(/before the program was .*\n.*before the key was last changed$/)
    runSince(host(), LATER)
    expect(await host().complaints()).toEqual([])
  })
})
