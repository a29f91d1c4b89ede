import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { BARE_ENVIRONMENT } from './run-program.ts'

const TIMEOUT_MS = 30_000

/** Keys to press once something is on the screen; what is there decides which, where that matters. */
export interface Turn {
  readonly after: string | RegExp
  readonly keys: string | ((screen: string) => string)
}

export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  /** Added to TERM=xterm-256color. */
  readonly env?: Readonly<Record<string, string>>
}

export interface TerminalResult {
  /** Everything that was written, what was pressed and echoed included; lines end in CR LF. */
  readonly screen: string
  /** `undefined`: it did not end by itself in time. */
  readonly status: number | undefined
  /** Settings of the terminal afterwards, as stty(1) has them. */
  readonly settings: string
}

const SETTINGS_MARK = 'settings of the terminal:'

/** Runs a command line of sh on a terminal of script(1)'s, and plays the person in front of it. */
export async function runOnTerminal(
  command: string,
  turns: readonly Turn[] = [],
  { columns = 80, rows = 24, env = {} }: TerminalOptions = {},
): Promise<TerminalResult> {
  const inside = `stty cols ${columns} rows ${rows}
    ${command}
    status=$?
    echo '${SETTINGS_MARK}'; stty -a
    exit $status`
  const child = spawn('script', ['-qec', inside, '/dev/null'], {
    env: { ...BARE_ENVIRONMENT, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  })
  const waiting = [...turns]
  let screen = ''
  let unread = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk
    unread += chunk
    const turn = waiting[0]
    if (turn === undefined || !isThere(unread, turn.after)) return
    waiting.shift()
    unread = ''
    child.stdin.write(typeof turn.keys === 'string' ? turn.keys : turn.keys(screen))
  })
  const [status] = await once(child, 'close')
  const [shown = '', settings = ''] = screen.split(`${SETTINGS_MARK}\r\n`)
  return { screen: shown, status: status ?? undefined, settings }
}

function isThere(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}
