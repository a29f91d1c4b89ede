import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { requireTool } from '../support/run-tool.ts'
import type { ScratchPath } from '../support/scratch-directory.ts'
import { readExample } from '../support/shipped-example.ts'

/** What the tests of the filter and the jail call. */
export const BAN_PROGRAMS = ['fail2ban-regex', 'fail2ban-client'] as const

const FILTER = 'filter.d/otpgate.conf'
const JAIL = 'jail.d/otpgate.conf'

/** fail2ban's own configuration with our filter and jail in it, and nothing that runs. */
export interface BanFilter {
  /** The addresses that these lines of an auth.log would be held against, in their order. */
  findAddresses(lines: readonly string[]): readonly string[]
  /** What fail2ban would tell its server about our jail: a line for each setting. */
  describeJail(): readonly string[]
}

/** `edit` changes the filter, to see that a test would notice. */
export function layBanFilter(
  scratch: ScratchPath,
  edit: (filter: string) => string = (filter) => filter,
): BanFilter {
  const config = scratch('fail2ban')
  cpSync('/etc/fail2ban', config, { recursive: true })
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(config, name)), { recursive: true })
    writeFileSync(join(config, name), text)
  }
  put(FILTER, edit(readExample(`fail2ban/${FILTER}`)))
  put(JAIL, readExample(`fail2ban/${JAIL}`))
  return {
    findAddresses(lines) {
      const log = scratch('auth.log')
      writeFileSync(log, lines.map((line) => `${line}\n`).join(''))
      const kept = readFileSync(log, 'utf8').split('\n').length - 1
      if (kept !== lines.length) throw new Error('a line of the log is not one line')
      return toLines(
        requireTool('fail2ban-regex', ['-c', config, '-o', '<ip>', log, 'otpgate']).stdout,
      )
    },
    describeJail: () =>
      toLines(requireTool('fail2ban-client', ['-c', config, '-d']).stdout).filter((line) =>
        line.includes("'otpgate'"),
      ),
  }
}

function toLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
