import { pino } from 'pino'
import type { LogPriority } from '../app/ports.ts'
import type { LogLine } from './protocol.ts'

/** What may stand beside the text of a note. */
export type NoteFields = Readonly<Record<string, string | number>>

/** The daemon's own log: a line of JSON each, for the journal or whatever reads stdout. */
export interface DaemonJournal {
  /** What the authpriv log is told about a login, field by field. */
  login(entry: LogLine): void
  /** What the daemon itself has to say. Never a secret, never what somebody typed. */
  note(priority: LogPriority, message: string, fields?: NoteFields): void
  /** Resolves once all of it is written, or nothing more can be. Nothing is taken after it. */
  close(): Promise<void>
}

/** In pino's order; the words are those of syslog(3), as in the authpriv log. */
const LEVELS = { info: 30, notice: 35, warning: 40, err: 50, alert: 60 } as const

/** A journal that takes nothing may cost this much memory; what comes then is lost. */
const WAITING_LIMIT_BYTES = 1_048_576
/** What it has not taken by then is lost. */
const CLOSE_MILLISECONDS = 500

const LOGIN_LINE = /^(?<outcome>[a-z]+)(?<fields>(?: [a-z]+=(?:"[^"=]*"|[^\s"=]+))*)$/
const FIELD = / (?<key>[a-z]+)=(?:"(?<quoted>[^"=]*)"|(?<plain>[^\s"=]+))/g

/**
 * Writes to a descriptor without waiting for it: a journal that stands still must not stop a login.
 * Nobody to read it is no reason to end either.
 */
export function openJournal(fd = 1): DaemonJournal {
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
    destination,
  )
  return {
    login: ({ priority, line }) => logger[priority](readLoginLine(line)),
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

/** The fields of a line of app/login-report.ts; of any other the line as it is. */
function readLoginLine(line: string): Readonly<Record<string, string>> {
  const { outcome, fields } = LOGIN_LINE.exec(line)?.groups ?? {}
  if (outcome === undefined || fields === undefined) return { line }
  const read: Record<string, string> = { outcome }
  for (const { groups = {} } of fields.matchAll(FIELD)) {
    const { key, quoted, plain } = groups
    if (key !== undefined) read[key] = quoted ?? plain ?? ''
  }
  return read
}
