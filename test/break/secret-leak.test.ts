import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import {
  CROCKFORD_ALPHABET,
  decodeBase32,
  encodeBase32,
  RFC4648_ALPHABET,
} from '../../src/base/base32.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { openRaw } from '../store/sqlite/sqlite-file.ts'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import { COMMAND_LINE, DIRECT_VERIFIER, IS_DAEMON_FRONT } from '../support/otpgate-host.ts'
import { startPrivateSyslog } from '../support/private-syslog.ts'
import { type ProgramResult, runProgram } from '../support/run-program.ts'
import { runStruckBy } from './traced-run.ts'

/** What people type at the wrong prompt. */
const PASSWORD = 'correct-Horse battery 4711'
/** For Node to start on a busy machine. */
const PATIENCE = { timeout: 20_000, interval: 20 } as const
const SELECTOR_LENGTH = 4
/** Long enough that chance does not put it into a hash or a time. */
const APP = { digits: 8 } as const

describeOnHost(
  'what is secret',
  (onHost) => {
    test('is in no argument, variable, output, log line or file', async () => {
      const { host } = onHost()
      const otpgate = await host.install()
      const directory = dirname(otpgate.configFile)
      const syslog = await startPrivateSyslog(host, otpgate)
      const person = await enrollPerson(otpgate, host.addUser(), { ...APP, recovery: true })
      // As long as this one reads, the log of writes stays beside the database.
      const reader = openRaw(otpgate.databaseFile)
      reader.prepare('SELECT * FROM meta').all()

      const [recovery = '', ...unused] = person.recoveryCodes
      // Not all of one digit, as zeros stand in many a place.
      const wrong = codeOf(person.app, 1000)
      const answers = [PASSWORD, wrong, codeOf(person.app), recovery, recovery]
      const watch = watchExecutions(onHost(), [syslog.verifier, ...otpgate.verifier.slice(1)])
      const runs: ProgramResult[] = []
      for (const answer of answers) runs.push(await watch.run(person.name, answer))
      expect(runs.map(({ status }) => status)).toEqual([1, 1, 0, 0, 1])

      const logged = (await syslog.readMessages()).join('')
      const audit = await otpgate.require(['audit', '--json'])
      const shown = await otpgate.require(['show', person.name, '--json'])
      const files = readFilesOf(directory, 'master.key')
      reader.close()
      syslog.close()
      const places = {
        executions: Buffer.from(watch.readLog()),
        output: Buffer.from(JSON.stringify(runs)),
        log: Buffer.from(logged),
        audit: Buffer.from(audit + shown),
        files,
      }
      const secrets = [
        ...[parseSecret(person.app.secretBase32), readFileSync(join(directory, 'master.key'))],
        ...[...answers, ...unused].map((text) => Buffer.from(text)),
        ...[recovery, ...unused].flatMap(rawForms),
      ]
      for (const [place, bytes] of Object.entries(places)) {
        const found = secrets.flatMap(formsOf).filter((form) => bytes.includes(form))
        expect(found.map(String), place).toEqual([])
      }
      // Every place was looked at, and what may be there is found.
      expect(watch.readLog()).toContain(`PAM_USER=${person.name}`)
      expect(watch.readLog()).toContain(
        IS_DAEMON_FRONT ? '/otpgate-verify", [' : 'otpgate-verify.cjs',
      )
      expect(logged.match(/otpgate-verify\[\d+\]/g)).toHaveLength(answers.length)
      expect(audit).toContain('"login"')
      expect(readdirSync(dirname(otpgate.databaseFile))).toContain('otpgate.db')
      expect(files.includes(Buffer.from(recovery.slice(0, 4)))).toBe(true)
    })

    test('of the admin is in no argument or variable either', async () => {
      const { host } = onHost()
      const otpgate = await host.install()
      const { name } = host.addUser()
      const log = join(host.secretDirectory, 'admin-executions')
      const args = [
        COMMAND_LINE,
        '--config',
        otpgate.configFile,
        'enroll',
        name,
        '--no-confirm',
        '--json',
      ]
      const { stdout } = await runProgram('strace', [...straceTo(log), ...args])
      const made: { secret: string; recovery_codes: readonly string[] } = JSON.parse(stdout)
      const seen = Buffer.from(readFileSync(log))
      const codes = made.recovery_codes
      const texts = codes.flatMap((code) => [code, code.slice(5)]).map((text) => Buffer.from(text))
      const secrets = [parseSecret(made.secret), ...texts, ...codes.flatMap(rawForms)]
      expect(secrets.flatMap(formsOf).filter((form) => seen.includes(form))).toEqual([])
      expect(seen.includes('otpgate.cjs')).toBe(true)
    })

    test('may be in no core file: the limit of the process that holds it is 0', async () => {
      const { enroll, otpgate } = onHost()
      const { name, app } = await enroll()
      const login = `ulimit -c unlimited; exec ${DIRECT_VERIFIER} --config ${otpgate.configFile}`
      const child = spawn('/bin/sh', ['-c', login], {
        env: loginOf(name),
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = once(child, 'exit')
      // It reads its stdin to the end before it does anything else.
      const limits = await vi.waitFor(() => readLimitsOfVerifier(otpgate.configFile), PATIENCE)
      child.stdin.end(codeOf(app))
      expect(limits).toMatch(/^Max core file size +0 +0 /m)
      expect(await ended).toEqual([0, null])
    })

    // Beside a daemon the direct verifier is not the last on the database, and syncs less often.
    test.skipIf(IS_DAEMON_FRONT || !makesCoreFiles())(
      'is in no core file: a verifier that crashes while it writes leaves none',
      async () => {
        const { enroll, host, otpgate } = onHost()
        const person = await enroll()
        const directory = mkdtempSync(join(host.secretDirectory, 'core-'))
        const inside = (command: string) => [
          '/bin/sh',
          '-c',
          `ulimit -c unlimited; cd ${directory}; ${command}`,
        ]
        const env = loginOf(person.name)
        const argv = inside(`exec ${DIRECT_VERIFIER} --config ${otpgate.configFile}`)
        const command = { argv, env, input: codeOf(person.app) }
        expect(await runStruckBy(command, 'SIGSEGV', 'fsync', 3)).toMatchObject({ status: 1 })
        expect(readdirSync(directory)).toEqual([])
        // The same crash leaves one where the launcher does not forbid it.
        const [program = '', ...rest] = inside('kill -s SEGV $$')
        await runProgram(program, rest)
        expect(readdirSync(directory)).not.toEqual([])
      },
    )
  },
  { programs: ['strace'] },
)

/** Where the kernel hands core dumps to a program, or puts them elsewhere, none would be seen. */
function makesCoreFiles(): boolean {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim()
  if (!/^[|/]/.test(pattern)) return true
  process.stderr.write(
    `\nSKIPPED: core files of a crash are not looked for: core_pattern is ${pattern}\n\n`,
  )
  return false
}

/** `/proc/PID/limits` of the one direct verifier with this argument. Throws while there is none. */
function readLimitsOfVerifier(argument: string): string {
  const found = readdirSync('/proc').filter((pid) => {
    const [program = '', ...args] = readProcess(pid, 'cmdline').split('\0')
    const isVerifier = args.some((each) => each.endsWith('/otpgate-verify.cjs'))
    return program.endsWith('/node') && isVerifier && args.includes(argument)
  })
  expect(found).toHaveLength(1)
  return readProcess(found[0] ?? '', 'limits')
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

/** The secret of a recovery code, behind its selector: as text, and as the bytes it was made of. */
function rawForms(code: string): readonly Buffer[] {
  const text = code.replaceAll('-', '')
  const secret = text.slice(SELECTOR_LENGTH)
  const random = decode(text).subarray(Math.ceil((SELECTOR_LENGTH * 5) / 8))
  // Decoded alone, 60 bits are no whole bytes: the first 40 of them are.
  return [Buffer.from(secret), random, decode(secret.slice(0, 8))]
}

function decode(text: string): Buffer {
  const bytes = decodeBase32(text, CROCKFORD_ALPHABET)
  if (bytes === undefined) throw new Error('not a recovery code')
  return bytes
}

/** The ways in which bytes may have been written down. */
function formsOf(bytes: Buffer): readonly Buffer[] {
  const base32 = encodeBase32(bytes, RFC4648_ALPHABET)
  const texts = [
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), base32, base32.toLowerCase()],
    ...[bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')],
  ]
  return [bytes, ...texts.map((text) => Buffer.from(text))]
}

function loginOf(user: string): Readonly<Record<string, string>> {
  const items = { PAM_USER: user, PAM_SERVICE: 'sshd', PAM_TTY: 'ssh', PAM_TYPE: 'auth' }
  return { ...BEHIND_A_KEY, ...items }
}

/** Notes every program that is started, with all its arguments and variables. */
function straceTo(log: string): readonly string[] {
  return ['-f', '-qqq', '-v', '-s', '65536', '-e', 'trace=execve', '-A', '-o', log, '--']
}

function watchExecutions({ host }: ShippedHost, verifier: readonly string[]) {
  const log = join(host.secretDirectory, 'executions')
  return {
    run: (user: string, input: string) =>
      runProgram('strace', [...straceTo(log), ...verifier], { env: loginOf(user), input }),
    readLog: () => readFileSync(log, 'latin1'),
  }
}

function readFilesOf(directory: string, except: string): Buffer {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== except,
  )
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))))
}
