import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ThrowawayHost } from '../support/throwaway-host.ts'
import { type AdminShell, openAdminShell } from './admin-shell.ts'

/** What the command was told in one run. */
interface ToldMessage {
  readonly event: string
  readonly text: string
  readonly seq?: number
  readonly user?: string
  readonly [field: string]: unknown
}

/** An otpgate whose [notify] command writes down what it is told. */
export interface NotifiedShell extends AdminShell {
  readonly database: string
  /** Puts another script in the place of the command; `$OUT` is where messages are written down. */
  setCommand(script: string, ...args: readonly string[]): string
  /** Names another program. */
  useCommand(program: string, ...args: readonly string[]): void
  /** Adds a line to [notify]. */
  configure(line: string): void
  /** One message a line, in the order in which they came. */
  readTold(): readonly ToldMessage[]
  /** The words of the events alone. */
  eventsTold(): readonly string[]
}

/** Takes what it is told. */
export const WRITE_DOWN = 'cat >> "$OUT"'

export async function openNotifiedShell(host: ThrowawayHost, name: string): Promise<NotifiedShell> {
  const shell = await openAdminShell(host, name)
  const config = join(shell.directory, 'otpgate.toml')
  const program = join(shell.directory, 'tell')
  const out = join(shell.directory, 'told')
  const plain = readFileSync(config, 'utf8')
  let command = ''
  let extra = ''
  const save = () => writeFileSync(config, `${plain}[notify]\n${command}\n${extra}\n`)
  const readTold = () =>
    existsSync(out)
      ? readFileSync(out, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line))
      : []
  const notified: NotifiedShell = {
    ...shell,
    database: join(shell.directory, 'otpgate.db'),
    setCommand(script, ...args) {
      writeFileSync(program, `#!/bin/sh\nOUT='${out}'\n${script}\n`)
      chmodSync(program, 0o755)
      notified.useCommand(program, ...args)
      return program
    },
    useCommand(...argv) {
      command = `command = ${JSON.stringify(argv)}`
      save()
    },
    configure(line) {
      extra = line
      save()
    },
    readTold,
    eventsTold: () => readTold().map(({ event }) => event),
  }
  notified.setCommand(WRITE_DOWN)
  return notified
}
