import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { DIRECT_VERIFIER, type Otpgate, type OtpgateHost } from '../../support/otpgate-host.ts'
import { PRIVATE_ROOT } from '../private-machine.ts'
import { copyLauncher, countStarts, preload, writePreloading } from './launcher.ts'

const DAEMON = fileURLToPath(new URL('../../../bin/otpgated', import.meta.url))
const CLIENT = fileURLToPath(new URL('../../../dist/otpgate-client', import.meta.url))
const START_WAIT_MS = 10_000
const POLL_MS = 20
/** A little more than 1,000 pages of 4 KiB. */
const BALLAST_BYTES = 4_300_000

/** A daemon of our own, and the client that asks it. */
export interface Daemon {
  /** As a pam.d line names it: the program, then its arguments. */
  readonly client: readonly [program: string, ...rest: string[]]
  /** Processor time so far, of all its threads. */
  cpuMs(): number
  /** How often so far the direct verifier has stood in for it. */
  fallbacks(): number
  /** The most memory it ever held. */
  peakMiB(): number
  stop(): Promise<void>
}

/** Whether this checkout has both halves. */
export function isDaemonBuilt(): boolean {
  return existsSync(DAEMON) && existsSync(CLIENT)
}

/**
 * As installed: the direct verifier is beside the client, and stands in where the daemon does not
 * answer in time. It counts how often, so that logins of the other way do not pass for ones of this.
 */
export async function startDaemon(
  host: OtpgateHost,
  { configFile, databaseFile }: Otpgate,
  { name, library }: { readonly name: string; readonly library?: string },
): Promise<Daemon> {
  const { client, fallbacks } = layClient(join(host.directory, name), library)
  const socket = join(PRIVATE_ROOT, `${name}.sock`)
  const program = library === undefined ? DAEMON : writePreloading(host, DAEMON, library)
  const args = ['--socket', socket, '--config', configFile]
  const child = spawn(program, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  await awaitListener(socket, () => child.exitCode !== null)
  lengthenLog(databaseFile, [client, ...args, '--account'])
  const pid = String(child.pid)
  return {
    client: [client, ...args],
    cpuMs: () => readCpuMs(pid),
    fallbacks,
    peakMiB: () => readPeakMiB(pid),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Client and direct verifier in a new directory, side by side. */
function layClient(directory: string, library: string | undefined) {
  mkdirSync(directory)
  const client = join(directory, 'otpgate-verify')
  copyFileSync(CLIENT, client)
  const starts = join(directory, 'fallbacks')
  writeFileSync(starts, '')
  const direct = countStarts(copyLauncher(DIRECT_VERIFIER), starts)
  const text = library === undefined ? direct : preload(direct, library)
  writeFileSync(`${client}-direct`, text, { mode: 0o755 })
  return { client, fallbacks: () => statSync(starts).size }
}

/**
 * SQLite writes its log over from the start once it has 1,000 pages, which takes a daemon some two hundred
 * logins; up to then each commit makes the file longer, and is several times as slow. What is measured
 * is how it goes on.
 */
function lengthenLog(databaseFile: string, [program = '', ...args]: readonly string[]): void {
  // Any question makes the daemon open the database: as long as it does, the log is not removed.
  const env = { PAM_TYPE: 'account', PAM_SERVICE: 'sshd', PAM_USER: 'root' }
  spawnSync(program, args, { env, input: '' })
  const db = new Database(databaseFile)
  db.exec(`CREATE TABLE bench_ballast (bytes BLOB);
    INSERT INTO bench_ballast VALUES (zeroblob(${BALLAST_BYTES}));
    DROP TABLE bench_ballast;
    PRAGMA wal_checkpoint(RESTART)`)
  db.close()
}

async function awaitListener(socket: string, isEnded: () => boolean): Promise<void> {
  const patienceEnds = Date.now() + START_WAIT_MS
  while (!(await isListening(socket))) {
    if (isEnded() || Date.now() > patienceEnds) throw new Error('otpgated does not start')
    await wait(POLL_MS)
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const finish = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => finish(true))
    socket.on('error', () => finish(false))
  })
}

/** The scheduler's own count, in ns: /proc/PID/stat has ticks of 10 ms. */
function readCpuMs(pid: string): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
  )
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0)
}

function readPeakMiB(pid: string): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1]) / 1024
}
