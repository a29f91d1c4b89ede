import type { Command } from 'commander'
import { resolveAccount } from '../app/resolve-account.ts'
import { AppError } from '../base/errors.ts'
import { plural, toPrintable } from '../base/text.ts'
import type { AccountName } from '../domain/name.ts'
import type { Cli, CommonOptions, Session } from './context.ts'
import { printJson, reportError } from './report.ts'

/** Whom a command is for, beside its arguments. */
export interface TargetOptions {
  readonly group?: string
}

/** Gives a command the ways to say whom it is for. */
export function withTargets(command: Command): Command {
  return command
    .argument('[user...]', 'who; - reads names from stdin')
    .option('--group <group>', 'all members of a group')
}

/**
 * The people a command is for: `USER...`, the members of `--group G`, or with `-` a name a line on
 * stdin. An empty group or list is nobody, and fine.
 * Throws ERR_USAGE when nothing is named, ERR_USER_UNKNOWN for a group that does not exist.
 */
export async function readTargets(
  cli: Cli,
  { ports }: Session,
  users: readonly string[],
  { group }: TargetOptions,
): Promise<readonly string[]> {
  const members = group === undefined ? [] : ports.passwd.findGroupMembers(group)
  if (members === undefined) {
    throw new AppError('ERR_USER_UNKNOWN', `no such group: ${toPrintable(group ?? '')}`)
  }
  const named = users.includes('-') ? await readNames(cli) : []
  const all = [...users.filter((user) => user !== '-'), ...members, ...named]
  const isList = group !== undefined || users.includes('-')
  if (all.length > 0 || isList) return [...new Set(all)]
  throw new AppError('ERR_USAGE', 'nobody is named', {
    hint: 'name users, --group GROUP, or - to read names from stdin',
  })
}

async function readNames(cli: Cli): Promise<readonly string[]> {
  const names: string[] = []
  for (;;) {
    const line = await cli.prompter.readLine('')
    if (line === undefined) return names
    if (line.trim() !== '') names.push(line.trim())
  }
}

/** What was done for one person: a line for people, fields for `--json`. */
export interface Deed {
  readonly line: string
  readonly fields: Readonly<Record<string, string | number>>
}

/**
 * Does `act` for each target and goes on after an error. With several it ends with a summary; the
 * exit status is that of the first error. With `--json` one array tells what became of each.
 */
export async function forEachTarget(
  cli: Cli,
  { ports }: Session,
  targets: readonly string[],
  { json }: Pick<CommonOptions, 'json'>,
  act: (name: AccountName) => Promise<Deed>,
): Promise<void> {
  const views: object[] = []
  let failed = 0
  for (const target of targets) {
    try {
      const name = await resolveAccount(ports, target)
      const { line, fields } = await act(name)
      views.push({ user: name, ...fields })
      if (!json) cli.talk(`${toPrintable(name)}: ${line}`)
    } catch (error) {
      const status = reportError(cli, error)
      if (failed === 0) cli.setStatus(status)
      views.push({ user: target, error: error instanceof AppError ? error.code : 'ERR_INTERNAL' })
      failed++
    }
  }
  if (json) return printJson(cli, views)
  if (targets.length === 1) return
  cli.talk(`${plural(targets.length - failed, 'user')} done, ${failed} failed`)
}

/** The people in a question: the one, or how many. */
export function nameTargets(targets: readonly string[]): string {
  const [only] = targets
  return targets.length === 1 && only !== undefined
    ? toPrintable(only)
    : plural(targets.length, 'user')
}

/** Asks before something that cannot be undone. Throws ERR_REFUSED unless the answer is yes. */
export async function askToGoOn(cli: Cli, question: string, yes: true | undefined): Promise<void> {
  if (yes) return
  if (!cli.prompter.isInteractive) {
    throw new AppError('ERR_REFUSED', 'nothing was changed: there is nobody to ask', {
      hint: 'add --yes where no terminal is',
    })
  }
  const answer = await cli.prompter.readLine(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer?.trim() ?? ''))
    throw new AppError('ERR_REFUSED', 'nothing was changed')
}
