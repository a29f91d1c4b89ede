import { type DestinationStream, pino } from 'pino'
import type { LogPriority, LogRecord } from '../app/ports.ts'
import { SEVERITY } from './severity.ts'

/** What may stand beside the text of a note. */
export type NoteFields = Readonly<Record<string, string | number>>

/** The daemon's own log: a line of JSON each, for the journal or whatever reads stdout. */
export interface DaemonJournal {
  /** What the authpriv log is told about a login, field by field. */
  login(record: LogRecord): void
  /** What the daemon itself has to say. Never a secret, never what somebody typed. */
  note(priority: LogPriority, message: string, fields?: NoteFields): void
  /** Resolves once all of it is written, or nothing more can be. Nothing is taken after it. */
  close(): Promise<void>
}

/** pino's levels rise with what matters, while severities fall. */
const TOP = 8
/** The words are those of syslog(3), as in the authpriv log. */
const LEVELS = {
  info: TOP - SEVERITY.info,
  notice: TOP - SEVERITY.notice,
  warning: TOP - SEVERITY.warning,
  err: TOP - SEVERITY.err,
  alert: TOP - SEVERITY.alert,
}

/** A journal that takes nothing may cost this much memory; what comes then is lost. */
const WAITING_LIMIT_BYTES = 1_048_576
/** What it has not taken by then is lost. */
const CLOSE_MILLISECONDS = 500

/**
 * Writes to a descriptor without waiting for it: a journal that stands still must not stop a login.
 * Nobody to read it is no reason to end either. `isSystemd`: the descriptor leads to systemd's journal.
 */
export function openJournal(fd: number, isSystemd: boolean): DaemonJournal {
  const destination = pino.destination({ fd, sync: false, maxLength: WAITING_LIMIT_BYTES })
  destination.on('error', () => {})
  const logger = pino(
    {
      base: null,
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      level: 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    isSystemd ? withSeverity(destination) : destination,
  )
  return {
    login: ({ priority, outcome, fields }) => logger[priority]({ outcome, ...fields }),
    note: (priority, message, fields = {}) => logger[priority](fields, message),
    close: () =>
      new Promise((resolve) => {
        // Left as it is, pino would try again for ever when the process ends.
        const timer = setTimeout(() => destination.destroy(), CLOSE_MILLISECONDS)
        destination.once('close', () => {
          clearTimeout(timer)
          resolve()
        })
        destination.end()
      }),
  }
}

/**
 * The same, with its severity in front of each line, by which journalctl(1) tells errors from the rest
 * (sd-daemon(3)). Where it sees the symbol, pino leaves the level behind before it writes.
 */
function withSeverity(destination: DestinationStream) {
  return {
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: LEVELS.info,
    write(line: string): void {
      destination.write(`<${TOP - this.lastLevel}>${line}`)
    },
  }
}
