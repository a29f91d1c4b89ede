import { AppError } from '../base/errors.ts'
import { isJournalStream } from '../host/journal-stream.ts'
import { findListenPlace } from '../host/listen-socket.ts'
import { nameProcess } from '../host/process-name.ts'
import { createServiceNotifier, findWatchdogInterval } from '../host/sd-notify.ts'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { type DaemonArguments, parseDaemonArguments, USAGE } from './arguments.ts'
import { openJournal } from './journal.ts'
import { type RunningDaemon, startDaemon } from './lifecycle.ts'
import { openJudge } from './open-judge.ts'
import { VERSION } from './version.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const STDOUT_FD = 1

/** Whatever is made here, such as -wal and -shm beside the database, is nobody else's business. */
process.umask(0o077)
process.exitCode = EXIT_FAILED
nameProcess('otpgated')

void main()

async function main(): Promise<void> {
  const parsed = readArguments()
  if (parsed === undefined) return
  if (parsed.kind === 'run') return await run(parsed)
  process.stdout.write(parsed.kind === 'help' ? USAGE : `${VERSION}\n`)
  process.exitCode = 0
}

/** `undefined`: they were not understood, and whoever started us has been told. */
function readArguments(): DaemonArguments | undefined {
  try {
    return parseDaemonArguments(process.argv.slice(2), DEFAULT_CONFIG_PATH)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    process.stderr.write(`otpgated: ${error.message}\n${USAGE}`)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

async function run(parsed: Extract<DaemonArguments, { kind: 'run' }>): Promise<void> {
  const journal = openJournal(STDOUT_FD, isJournalStream(STDOUT_FD, process.env))
  let daemon: RunningDaemon | undefined
  // Before anything else: what these signals do without us is to end the process.
  process.on('SIGHUP', () => daemon?.reload())
  process.on('SIGUSR2', () => daemon?.report())
  // Node opens a debugger on it where nobody else takes it. The launcher's --disable-sigusr1 blocks it;
  // this is for whoever starts us without.
  process.on('SIGUSR1', () => {})
  const isTold = new Promise<void>((resolve) => {
    process.on('SIGTERM', resolve)
    process.on('SIGINT', resolve)
  })
  try {
    daemon = await startDaemon({
      place: findListenPlace(process.env, process.pid, parsed.socketPath),
      judge: openJudge(parsed),
      journal,
      notifier: createServiceNotifier(process.env, {
        onError: () => journal.note('warning', 'systemd cannot be told how we are'),
      }),
      watchdogMilliseconds: findWatchdogInterval(process.env, process.pid),
    })
    await isTold
    await daemon.stop()
    process.exitCode = 0
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { message, code: reason, hint } = error
    journal.note('err', message, hint === undefined ? { reason } : { reason, hint })
  }
  await journal.close()
  // What a judge still does is over its time.
  process.exit()
}
