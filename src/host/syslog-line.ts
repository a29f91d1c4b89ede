import { runHostProgram } from './host-program.ts'

const LOGGER = '/usr/bin/logger'
const LONGEST = 1000

/** Writes a line into the authpriv log by logger(1), for what nobody sits before. Never throws. */
export function writeSyslogLine(tag: string, priority: 'notice' | 'warning', line: string): void {
  const text = line.replace(/[^ -~]/g, '?').slice(0, LONGEST)
  runHostProgram(LOGGER, ['--id', '--tag', tag, '--priority', `authpriv.${priority}`, '--', text])
}
