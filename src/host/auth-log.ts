import { fstatSync, writeSync } from 'node:fs'
import type { LogPriority } from '../app/ports.ts'

/** Descriptor on which the launcher takes the line for the authpriv log. */
const LOG_FD = 4
/** Longest message that every syslog server takes whole (RFC 3164 allows 1,024 with its header). */
const LINE_LIMIT_BYTES = 1000

/**
 * The authpriv log by way of the launcher, which hands what it reads here to logger(1): Node cannot
 * open datagram sockets, and to start a program itself would cost it more than all the rest of a
 * login. The line comes escaped. Without launcher there is no such pipe, and no log. Never throws.
 */
export function createAuthLog(fd = LOG_FD): (priority: LogPriority, line: string) => void {
  return (priority, line) => {
    try {
      if (fstatSync(fd).isFIFO()) writeSync(fd, `${priority} ${oneLine(line)}\n`)
    } catch {
      // A log that takes nothing decides no login.
    }
  }
}

/** One event is one line of ASCII, also where a caller forgot to escape it. */
function oneLine(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, LINE_LIMIT_BYTES)
}
