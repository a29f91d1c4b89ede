import { spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isRunning } from './process-tree.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The launcher of the daemon, and the static client that asks it. */
export const DAEMON_PROGRAM = join(ROOT, 'bin/otpgated')
export const CLIENT_PROGRAM = join(ROOT, 'dist/otpgate-client')

const PATIENCE_MS = 20_000
const POLL_MS = 5

/** The daemon of one otpgate, and the client that pam.d names in its place. */
export interface DaemonFront {
  /** As a pam.d line names it. */
  readonly verifier: readonly [program: string, ...rest: string[]]
  readonly socket: string
  pid(): number
  /** Has the configuration read again, and waits until it was, or was refused. */
  reload(): void
  /** Ends it, by whatever signal, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): void
  /** Starts it where it does not run, and waits until it listens. */
  start(): void
  /** The same, while others may go on. */
  startSoon(): Promise<void>
  /** What it has written to its journal: a line of JSON each. */
  readJournal(): string
}

/** Lays client and direct verifier side by side in `directory`, as an installation does; nothing runs yet. */
export function layDaemonFront(directory: string, configFile: string): DaemonFront {
  const place = join(directory, 'front')
  mkdirSync(place, { mode: 0o700 })
  const client = join(place, 'otpgate-verify')
  copyFileSync(CLIENT_PROGRAM, client)
  writeFileSync(`${client}-direct`, direct(), { mode: 0o755 })
  const socket = join(place, 'run', 'otpgated.sock')
  mkdirSync(join(place, 'run'), { mode: 0o700 })
  const journal = join(place, 'journal')
  writeFileSync(journal, '')
  const readJournal = () => readFileSync(journal, 'utf8')
  let pid = 0

  /** Returns whether it listens. */
  function spawnDaemon(): () => boolean {
    const before = readJournal().length
    const out = openSync(journal, 'a')
    const args = ['--socket', socket, '--config', configFile]
    const child = spawn(DAEMON_PROGRAM, args, { stdio: ['ignore', out, out], env: {}, cwd: '/' })
    child.unref()
    closeSync(out)
    pid = child.pid ?? 0
    return () => readJournal().slice(before).includes('listening')
  }

  return {
    verifier: [client, '--socket', socket, '--config', configFile],
    socket,
    pid: () => pid,
    readJournal,
    start() {
      waitUntil(spawnDaemon(), readJournal)
    },
    async startSoon() {
      const isListening = spawnDaemon()
      while (!isListening()) await wait(POLL_MS)
    },
    reload() {
      const before = readJournal().length
      process.kill(pid, 'SIGHUP')
      waitUntil(() => /configuration/.test(readJournal().slice(before)), readJournal)
    },
    stop(signal = 'SIGTERM') {
      process.kill(pid, signal)
      waitUntil(() => !isRunning(pid), readJournal)
    },
  }
}

/** The launcher, of this checkout wherever it stands: bin/install-host does the same. */
function direct(): string {
  const launcher = readFileSync(join(ROOT, 'bin/otpgate-verify'), 'utf8')
  return launcher.replace(/^root=.*$/m, `root='${ROOT.replace(/\/$/, '')}'`)
}

/** Whether the client was built: it takes a compiler. */
export function hasClient(): boolean {
  return existsSync(CLIENT_PROGRAM)
}

function waitUntil(isDone: () => boolean, explain: () => string): void {
  const patienceEnds = Date.now() + PATIENCE_MS
  while (!isDone()) {
    if (Date.now() > patienceEnds) throw new Error(`the daemon does not: ${explain()}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS)
  }
}
