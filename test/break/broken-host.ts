import { createHash } from 'node:crypto'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { openRawDatabase } from '../support/audit-record.ts'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import {
  codeOf,
  type EnrolledPerson,
  enrollPerson,
  steadyPeriodSeconds,
} from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'
import { type PrivateSyslog, startPrivateSyslog } from '../support/private-syslog.ts'
import { runProgram } from '../support/run-program.ts'
import { MODES } from './stored-alice.ts'

/** Broken storage answers within 5 s on an idle host; a test machine is not idle. */
const NEVER_HANGS_MS = 15_000

/** What one run of the verifier did. */
export interface Answer {
  readonly status: number | undefined
  readonly stdout: string
  /** Lines for the authpriv log. */
  readonly logged: readonly string[]
}

/** One otpgate that is broken on purpose, a person on it, and a log of its own. */
export interface BrokenHost {
  readonly otpgate: Otpgate
  readonly person: EnrolledPerson
  /** Holds configuration, key and the directory `data`. */
  readonly directory: string
  readonly configFile: string
  readonly databaseFile: string
  /** In a directory of its own, as the one of the configuration is checked before it. */
  readonly keyFile: string
  /** The verifier as pam_exec would run it, behind a proven key. */
  verify(args: readonly string[], answer: string): Promise<Answer>
  /** Everything as it was right after the enrolment. */
  mend(): void
  close(): void
}

/** Installs one more otpgate and enrolls a person, whose code stays right for a minute or more. */
export async function openBrokenHost(host: OtpgateHost): Promise<BrokenHost> {
  const otpgate = await host.install()
  const keyFile = moveKey(otpgate)
  const person = await enrollPerson(otpgate, host.addUser(), {
    periodSeconds: steadyPeriodSeconds(),
  })
  const directory = dirname(otpgate.configFile)
  const kept = join(host.secretDirectory, 'kept')
  cpSync(directory, kept, { recursive: true, preserveTimestamps: true })
  const syslog = await startPrivateSyslog(host, otpgate)
  return {
    ...{ otpgate, person, directory, keyFile },
    ...{ configFile: otpgate.configFile, databaseFile: otpgate.databaseFile },
    verify: (args, answer) => runLogged(syslog, otpgate, person, args, answer),
    mend() {
      rmSync(directory, { recursive: true })
      cpSync(kept, directory, { recursive: true, preserveTimestamps: true })
      otpgate.daemon?.restart()
    },
    close: () => syslog.close(),
  }
}

function moveKey({ configFile }: Otpgate): string {
  const directory = dirname(configFile)
  const keyFile = join(directory, 'key', 'master.key')
  const text = readFileSync(configFile, 'utf8').replace('/master.key"', '/key/master.key"')
  mkdirSync(dirname(keyFile), { mode: 0o755 })
  renameSync(join(directory, 'master.key'), keyFile)
  writeFileSync(configFile, text)
  return keyFile
}

/** Does to the database what no program of ours would. */
export function tamper({ otpgate }: BrokenHost, sql: string): void {
  const db = openRawDatabase(otpgate)
  db.exec(sql)
  db.close()
}

/** One run of `syslog`'s verifier, and what it alone left in the log. */
export async function runLogged(
  syslog: PrivateSyslog,
  otpgate: Otpgate,
  person: Pick<EnrolledPerson, 'name'>,
  args: readonly string[],
  answer: string,
): Promise<Answer> {
  const before = (await syslog.readMessages()).length
  const [, ...fixed] = otpgate.verifier
  const env = {
    ...BEHIND_A_KEY,
    PAM_TYPE: args.includes('--account') ? 'account' : 'auth',
    PAM_SERVICE: 'sshd',
    PAM_TTY: 'ssh',
    PAM_USER: person.name,
  }
  const { status, stdout, timedOut } = await runProgram(syslog.verifier, [...fixed, ...args], {
    env,
    input: answer,
    timeoutMs: NEVER_HANGS_MS,
  })
  expect(timedOut).toBe(false)
  const messages = (await syslog.readMessages()).slice(before)
  // With a daemon that leaves it to the direct verifier, the client says so in a line of its own.
  const logged = messages.filter((message) => !message.includes(': fallback reason='))
  return { status, stdout, logged }
}

/** All three modes deny, also the right code, and each says why in one line of the log. */
export async function expectDenied(
  verify: BrokenHost['verify'],
  person: EnrolledPerson,
  code: string,
): Promise<void> {
  for (const args of MODES) {
    const { status, logged } = await verify(args, codeOf(person.app))
    expect({ args, status, logged }).toEqual({
      args,
      status: 1,
      logged: [expect.stringContaining(`: error user=${person.name} reason=${code} `)],
    })
  }
}

/** The right code is taken, and the account phase finds its ticket. */
export async function expectAccepted(
  verify: BrokenHost['verify'],
  person: EnrolledPerson,
): Promise<void> {
  expect(await verify([], codeOf(person.app))).toMatchObject({ status: 0 })
  expect(await verify(['--account'], '')).toMatchObject({ status: 0 })
}

/** Name, kind, mode, owner and content of everything below a directory whose name is wanted. */
export function describeTree(
  directory: string,
  isWanted: (name: string) => boolean = () => true,
): readonly string[] {
  return readdirSync(directory)
    .filter(isWanted)
    .toSorted()
    .flatMap((name) => {
      const path = join(directory, name)
      const stats = lstatSync(path)
      const about = `${path} ${stats.mode.toString(8)} ${stats.uid}`
      if (stats.isDirectory()) return [about, ...describeTree(path, isWanted)]
      if (!stats.isFile()) return [about]
      return [`${about} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`]
    })
}
