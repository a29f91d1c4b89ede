import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { type NotifiedShell, openNotifiedShell, WRITE_DOWN } from './notified-shell.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/otpgate')
const PATIENT_MS = 20_000
/** In a command: says that it runs, and goes on only when the test lets it. */
const HOLD = 'touch "$OUT.begun"; until [ -e "$OUT.go" ]; do sleep 0.05; done'

describe.skipIf(!canRunCommandLine())('notify', { timeout: 60_000 }, () => {
  let host: ThrowawayHost
  let shell: NotifiedShell
  let alice: string
  let places = 0

  beforeAll(() => {
    host = openThrowawayHost()
    alice = host.addUser().name
  })
  afterAll(() => host?.close())

  /** A log in which alice was enrolled, of which nothing is to be told, and that is noted. */
  beforeEach(async () => {
    shell = await openNotifiedShell(host, `notify-${places++}`)
    await shell.readJson(['enroll', alice, '--no-confirm', '--no-recovery'])
    await shell.readJson(['notify'])
  }, 60_000)

  async function suspend(reason: string): Promise<void> {
    await shell.readJson(['suspend', alice, '--reason', reason])
  }
  const resume = () => shell.readJson(['resume', alice])

  async function waitFor(isThere: () => boolean): Promise<void> {
    const end = performance.now() + PATIENT_MS
    while (!isThere()) {
      if (performance.now() > end) throw new Error('waited in vain')
      await sleep(20)
    }
  }

  function startNotify(...args: readonly string[]) {
    const config = join(shell.directory, 'otpgate.toml')
    const child = spawn(PROGRAM, ['--config', config, 'notify', ...args], { stdio: 'ignore' })
    return { child, ended: once(child, 'exit') }
  }

  const untilHeld = () => waitFor(() => existsSync(join(shell.directory, 'told.begun')))
  const letGo = () => writeFileSync(join(shell.directory, 'told.go'), '')

  test('tells nothing of what was before its first run', async () => {
    expect(shell.readTold()).toEqual([])
    await suspend('on leave')
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1, untold: [] })
    expect(shell.eventsTold()).toEqual(['suspend'])
  })

  test('hands over the row as audit --json has it, with host, event and words', async () => {
    await suspend('on leave')
    await shell.run(['notify'])
    const rows = Object(await shell.readJson(['audit']))
    expect(shell.readTold()).toEqual([
      {
        ...rows.at(-1),
        event: 'suspend',
        host: expect.any(String),
        text: expect.stringMatching(
          new RegExp(`^\\S+: ${alice} was suspended, by .*, reason "on leave", 2\\d{3}-\\S+Z$`),
        ),
      },
    ])
  })

  test('keeps the order, and tells nothing twice', async () => {
    await suspend('a')
    await resume()
    await suspend('b')
    expect(await shell.run(['notify'])).toMatchObject({ status: 0, stdout: '3 events told\n' })
    expect(await shell.run(['notify'])).toMatchObject({ status: 0, stdout: 'nothing told\n' })
    expect(shell.eventsTold()).toEqual(['suspend', 'resume', 'suspend'])
  })

  test('tells only what is chosen', async () => {
    shell.configure('events = ["resume"]')
    await suspend('a')
    await resume()
    await shell.run(['notify'])
    expect(shell.eventsTold()).toEqual(['resume'])
  })

  test('gives the command PATH and the event, and its arguments as they are', async () => {
    const script =
      'env > "$OUT.env"; pwd >> "$OUT.env"; printf "%s|" "$@" > "$OUT.args"; cat >> "$OUT"'
    const program = shell.setCommand(script, '--to', '$(id) "x"', '')
    await suspend('a')
    await shell.run(['notify'])
    const environment = readFileSync(join(shell.directory, 'told.env'), 'utf8')
    expect(environment.split('\n').toSorted()).toEqual([
      '',
      '/',
      'OTPGATE_EVENT=suspend',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/',
    ])
    expect(readFileSync(join(shell.directory, 'told.args'), 'utf8')).toBe('--to|$(id) "x"||')
    expect(program).toContain(shell.directory)
  })

  test('hands over hostile names as one line of plain ASCII', async () => {
    await suspend('a')
    tamper(shell.database, (db) => {
      const nasty = 'eve\n\u001b[2J"; rm -rf / #\u009b\u202e$(id)'
      db.prepare("UPDATE audit SET account = ?, reason = ? WHERE action = 'suspend'").run(
        nasty,
        nasty,
      )
    })
    await shell.run(['notify'])
    const raw = readFileSync(join(shell.directory, 'told'), 'utf8')
    expect(raw).toMatch(/^[ -~]+\n$/)
    expect(shell.readTold()[0]?.user).toBe('eve\n\u001b[2J"; rm -rf / #\u009b\u202e$(id)')
    expect(shell.readTold()[0]?.text).toMatch(/^[ -~]+$/)
    expect(shell.readTold()[0]?.text).toContain('eve\\x0a\\x1b[2J')
  })

  test('tries a row again that the command does not take, and tells those behind it before', async () => {
    shell.setCommand('echo "no \u001b[1mroute" >&2; exit 3')
    await suspend('a')
    await resume()
    const failed = await shell.run(['notify'])
    expect(failed).toMatchObject({ status: 1, stdout: 'nothing told\n' })
    expect(failed.stderr).toMatch(
      /could not be told: the command ended with status 3: no \\x1b\[1mroute\n/,
    )
    shell.setCommand(WRITE_DOWN)
    await suspend('b')
    expect(await shell.readJson(['notify'])).toMatchObject({
      told: 1,
      retry_at: expect.any(String),
    })
    expect(shell.readTold()).toMatchObject([{ reason: 'b' }])
    expect(await shell.readJson(['notify', '--now'])).toMatchObject({ told: 2, retry_at: null })
    expect(shell.eventsTold()).toEqual(['suspend', 'suspend', 'resume'])
  })

  test('waits longer after each try', async () => {
    shell.setCommand('exit 1')
    await suspend('a')
    for (const wait of [15_000, 30_000, 60_000, 120_000]) {
      const before = Date.now()
      const run = Object(await shell.readJson(['notify', '--now'], '', 1))
      // It tried at some time of that run, and tells whole seconds.
      expect(Date.parse(run.retry_at)).toBeGreaterThan(before + wait - 1000)
      expect(Date.parse(run.retry_at)).toBeLessThanOrEqual(Date.now() + wait)
    }
  })

  test('goes on with the next, and gives a row up after a day, which it says', async () => {
    shell.setCommand('read -r line; case $line in *poison*) exit 1 ;; esac; echo "$line" >> "$OUT"')
    await suspend('poison')
    await resume()
    for (let round = 0; round < 9; round++) await shell.readJson(['notify', '--now'], '', 1)
    expect(shell.eventsTold()).toEqual(['resume'])
    tamper(shell.database, (db) => {
      const value = String(db.prepare("SELECT value FROM meta WHERE key = 'telling'").pluck().get())
      const telling = JSON.parse(value)
      telling.waiting[0].since -= 86_400
      db.prepare("UPDATE meta SET value = ? WHERE key = 'telling'").run(
        Buffer.from(JSON.stringify(telling)),
      )
    })
    const last = await shell.run(['notify', '--now'])
    expect(last).toMatchObject({ status: 1, stdout: 'nothing told\n' })
    expect(last.stderr).toMatch(/hint: row \d+ is GIVEN UP after a day/)
    expect(shell.eventsTold()).toEqual(['resume'])
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 0, retry_at: null })
  })

  test('kills a command that takes too long, with its children', async () => {
    // So long that on a busy machine, too, its child has begun by then.
    shell.configure('timeout = "3s"')
    shell.setCommand('sleep 300 & echo $! > "$OUT.child"; wait')
    await suspend('a')
    const result = await shell.run(['notify'])
    expect(result).toMatchObject({ status: 1 })
    expect(result.stderr).toContain('the command took longer than 3 s and was killed')
    const child = readFileSync(join(shell.directory, 'told.child'), 'utf8').trim()
    await waitFor(() => isGone(child))
  })

  test('does not wait for what a command leaves behind', async () => {
    shell.setCommand('cat >> "$OUT"; sleep 300 & echo $! > "$OUT.child"')
    await suspend('a')
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
    const child = readFileSync(join(shell.directory, 'told.child'), 'utf8').trim()
    expect(isGone(child)).toBe(false)
    process.kill(Number(child), 'SIGKILL')
  })

  test('keeps no more than a line of what a command says, and reads it all', async () => {
    shell.setCommand('head -c 3000000 /dev/zero | tr "\\0" x; exit 1')
    await suspend('a')
    const { stderr } = await shell.run(['notify'])
    expect(stderr.length).toBeLessThan(700)
  })

  test('is content with a command that does not read', async () => {
    shell.setCommand('exec 0<&-; echo told >> "$OUT.blind"')
    await suspend('a')
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test.each([
    ['not there', (program: string) => rmSync(program), 'does not exist'],
    [
      'writable by all',
      (program: string) => chmodSync(program, 0o777),
      'is writable by group or world',
    ],
    ['not executable', (program: string) => chmodSync(program, 0o644), 'is not executable'],
  ])('refuses a command that is %s, status 7, and blames no row', async (_, spoil, words) => {
    const program = shell.setCommand(WRITE_DOWN)
    await suspend('a')
    spoil(program)
    const refused = await shell.run(['notify'])
    expect(refused).toMatchObject({ status: 7, stdout: '' })
    expect(refused.stderr).toContain(words)
    shell.setCommand(WRITE_DOWN)
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test.each([
    ['a script among its arguments', (open: string) => ['/bin/sh', open]],
    ['a script behind an option', (open: string) => ['/bin/sh', '-e', open]],
  ])('refuses %s that all may write, and a directory of that kind', async (_, toCommand) => {
    const directory = join(shell.directory, 'open')
    mkdirSync(directory, { mode: 0o755 })
    const open = join(directory, 's.sh')
    writeFileSync(open, `cat >> ${shell.directory}/told\n`, { mode: 0o644 })
    const [program = '', ...args] = toCommand(open)
    shell.useCommand(program, ...args)
    await suspend('a')
    for (const spoiled of [open, directory]) {
      chmodSync(spoiled, 0o777)
      const { status, stderr } = await shell.run(['notify'])
      expect({ status, stderr }).toMatchObject({
        status: 7,
        stderr: expect.stringContaining(`${spoiled} is writable by group or world`),
      })
      chmodSync(spoiled, 0o755)
    }
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test('refuses a script whose interpreter is a script that all may write', async () => {
    const program = shell.setCommand(WRITE_DOWN)
    const open = join(shell.directory, 'open.sh')
    writeFileSync(open, '#!/bin/sh\ncat\n')
    chmodSync(open, 0o777)
    writeFileSync(program, `#! ${open} -x\n`)
    await suspend('a')
    const { status, stderr } = await shell.run(['notify'])
    expect({ status, stderr }).toMatchObject({
      status: 7,
      stderr: expect.stringContaining(`${open} is writable by group or world`),
    })
    chmodSync(open, 0o755)
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test('is content with arguments that are no files', async () => {
    shell.setCommand(WRITE_DOWN, '/dev/null', '/tmp', '/no/such', 'x')
    await suspend('a')
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test('says how to begin anew where its note is damaged, which stops neither status nor metrics', async () => {
    await suspend('a')
    for (const note of [
      'garbage',
      '{"through":"x","givenUp":0}',
      '{"through":1,"givenUp":0,"waiting":[7]}',
    ]) {
      tamper(shell.database, (db) =>
        db.prepare("UPDATE meta SET value = ? WHERE key = 'telling'").run(Buffer.from(note)),
      )
      const { status, stderr } = await shell.run(['notify'])
      expect({ status, stderr }).toMatchObject({
        status: 5,
        stderr: expect.stringContaining('begin anew with what comes: otpgate notify --from-now'),
      })
      expect(await shell.readJson(['status'])).toMatchObject({ notify: { damaged: true } })
      expect((await shell.run(['status'])).stdout).toMatch(
        /^notify +its note is damaged; .*--from-now$/m,
      )
      const { stdout, status: metrics } = await shell.run(['metrics'])
      expect(metrics).toBe(0)
      expect(stdout).not.toContain('\notpgate_notify_untold_events ')
    }
    expect(await shell.run(['notify', '--from-now'])).toMatchObject({ status: 0 })
    await resume()
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
  })

  test('says of a script without interpreter that it could not be started', async () => {
    const program = shell.setCommand(WRITE_DOWN)
    writeFileSync(program, '#!/no/such/interpreter\n')
    await suspend('a')
    const { status, stderr } = await shell.run(['notify'])
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the command could not be started (ENOENT)'),
    })
  })

  test('killed while the command runs, tells the row again, and loses none', async () => {
    shell.setCommand(`cat >> "$OUT"; ${HOLD}`)
    await suspend('a')
    await resume()
    const { child, ended } = startNotify()
    await untilHeld()
    child.kill('SIGKILL')
    await ended
    letGo()
    shell.setCommand(WRITE_DOWN)
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['suspend', 'suspend', 'resume'])
  })

  test('asked to end while the command runs, lets it finish, and tells no row twice', async () => {
    shell.setCommand(`${HOLD}; cat >> "$OUT"`)
    await suspend('a')
    await resume()
    const { child, ended } = startNotify()
    await untilHeld()
    child.kill('SIGTERM')
    letGo()
    await ended
    expect(shell.eventsTold()).toEqual(['suspend'])
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['suspend', 'resume'])
  })

  test('leaves it to a run that is at it already', async () => {
    shell.setCommand(`cat >> "$OUT"; ${HOLD}`)
    await suspend('a')
    const { ended } = startNotify()
    await untilHeld()
    expect(await shell.readJson(['notify'])).toMatchObject({ busy: true, told: 0 })
    letGo()
    await ended
    expect(shell.eventsTold()).toEqual(['suspend'])
  })

  test('tells that rows went before they were told', async () => {
    await suspend('a')
    await resume()
    tamper(shell.database, (db) => db.exec("DELETE FROM audit WHERE action <> 'resume'"))
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['log-gap', 'resume'])
    expect(shell.readTold()[0]).toMatchObject({
      first: expect.any(Number),
      text: expect.stringContaining('went before'),
    })
  })

  test('tells that the log ends before what was told, and goes on from there', async () => {
    await suspend('a')
    await shell.readJson(['notify'])
    tamper(shell.database, (db) => db.exec("DELETE FROM audit WHERE action = 'suspend'"))
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['suspend', 'log-cut'])
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 0 })
  })

  test('makes nothing through a symlink that the daemon’s user has put there, and says what is wrong', async () => {
    const lock = `${shell.database}.notify-lock`
    const target = join(shell.directory, 'nologin')
    symlinkSync(target, lock)
    await suspend('a')
    const refused = await shell.run(['notify'])
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /notify-lock is no lock of otpgate: it is a symlink\nhint: .*ls -ld/,
    )
    expect(existsSync(target)).toBe(false)
    rmSync(lock)
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 1 })
    expect(existsSync(lock)).toBe(false)
  })

  test('tells of a restore, also from a backup of before the first run', async () => {
    const backup = join(shell.directory, 'backup')
    tamper(shell.database, (db) => db.exec("DELETE FROM meta WHERE key = 'telling'"))
    await shell.readJson(['backup', backup])
    await shell.readJson(['notify'])
    await suspend('a')
    await shell.readJson(['notify'])
    await shell.readJson(['restore', backup, '--yes'])
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['suspend', 'restore'])
  })

  test('tells again what a backup had not been told', async () => {
    const backup = join(shell.directory, 'backup')
    await suspend('a')
    await shell.readJson(['backup', backup])
    await shell.readJson(['notify'])
    await shell.readJson(['restore', backup, '--yes'])
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['suspend', 'suspend', 'restore'])
  })

  test('--from-now passes over what is not told', async () => {
    await suspend('a')
    expect(await shell.run(['notify', '--from-now'])).toMatchObject({ status: 0 })
    await resume()
    await shell.readJson(['notify'])
    expect(shell.eventsTold()).toEqual(['resume'])
  })

  test('goes without the key, and says that there is no command where there is none', async () => {
    rmSync(join(shell.directory, 'master.key'))
    expect(await shell.readJson(['notify'])).toMatchObject({ told: 0 })
    writeFileSync(
      join(shell.directory, 'otpgate.toml'),
      `[store]\npath = "${shell.database}"\nkey_file = "${shell.directory}/master.key"\n`,
    )
    const { status, stderr } = await shell.run(['notify'])
    expect({ status, stderr }).toMatchObject({
      status: 7,
      stderr: expect.stringContaining('there is no [notify] command'),
    })
  })

  test('--follow tells what comes, and ends when it is asked to', async () => {
    const { child, ended } = startNotify('--follow')
    await suspend('a')
    await waitFor(() => shell.eventsTold().length === 1)
    await resume()
    await waitFor(() => shell.eventsTold().length === 2)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(shell.eventsTold()).toEqual(['suspend', 'resume'])
  })
})

function isGone(pid: string): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}
