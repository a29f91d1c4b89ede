import { spawn } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
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
  /**
   * Has the configuration read again, and waits. A broken one, which a running daemon refuses, is put in
   * force by starting anew: what the file says then counts, as in direct mode.
   */
  reload(): void
  /** Has the configuration read again, and waits until it was, or was refused. */
  hangUp(): void
  /** Takes the direct verifier away: what the daemon does not answer is denied. */
  standAlone(): void
  /** Has everything read again, the key too, where it runs. */
  restart(): void
  /** Ends it, where it runs, and waits until it is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): void
  /** Starts it where it does not run, and waits until it listens; `program`: what starts it in the end. */
  start(program?: string): void
  /** The same, while others may go on. */
  startSoon(): Promise<void>
  /** What it has written to its journal: a line of JSON each. */
  readJournal(): string
}

/** Lays client and direct verifier side by side in a new `directory`, as an installation does; nothing runs yet. */
export function layDaemonFront(place: string, configFile: string): DaemonFront {
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
  function spawnDaemon(program = DAEMON_PROGRAM): () => boolean {
    const before = readJournal().length
    const out = openSync(journal, 'a')
    const args = ['--socket', socket, '--config', configFile]
    const child = spawn(program, args, { stdio: ['ignore', out, out], env: {}, cwd: '/' })
    child.unref()
    // How it ended is worth knowing while its journal is there: the host takes both away.
    child.on('exit', (code, signal) => {
      if (!existsSync(journal)) return
      appendFileSync(journal, `${JSON.stringify({ ended: signal ?? code })}\n`)
    })
    closeSync(out)
    pid = child.pid ?? 0
    return () => readJournal().slice(before).includes('listening')
  }

  const start = (program?: string) => waitUntil(spawnDaemon(program), readJournal)
  const stop = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (isRunning(pid)) process.kill(pid, signal)
    waitUntil(() => !isRunning(pid), readJournal)
  }
  /** Returns what it said. */
  const hangUp = () => {
    const before = readJournal().length
    process.kill(pid, 'SIGHUP')
    waitUntil(() => /configuration/.test(readJournal().slice(before)), readJournal)
    return readJournal().slice(before)
  }
  const restart = () => {
    if (!isRunning(pid)) return
    stop()
    start()
  }

  return {
    verifier: [client, '--socket', socket, '--config', configFile],
    socket,
    pid: () => pid,
    readJournal,
    start,
    stop,
    restart,
    async startSoon() {
      const isListening = spawnDaemon()
      while (!isListening()) await wait(POLL_MS)
    },
    standAlone: () => rmSync(`${client}-direct`, { force: true }),
    hangUp: () => void hangUp(),
    reload() {
      if (hangUp().includes('is kept')) restart()
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
