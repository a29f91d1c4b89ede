import { resolveAccount } from '../app/resolve-account.ts'
import { AppError } from '../base/errors.ts'
import { plural, toPrintable } from '../base/text.ts'
import type { AccountName } from '../domain/name.ts'
import type { Cli, Session } from './context.ts'
import { reportError } from './report.ts'

export interface TargetOptions {
  readonly group?: string
}

/**
 * The people a command is for: `USER...`, the members of `--group G`, or with `-` a name a line on
 * stdin. Throws ERR_USAGE when nobody is named, ERR_USER_UNKNOWN for a group that does not exist.
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
  if (all.length > 0) return [...new Set(all)]
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

/**
 * Does `act` for each target and goes on after an error. With several it ends with a summary; the
 * exit status is that of the first error.
 */
export async function forEachTarget(
  cli: Cli,
  { ports }: Session,
  targets: readonly string[],
  act: (name: AccountName) => Promise<void>,
): Promise<void> {
  let failed = 0
  for (const target of targets) {
    try {
      await act(await resolveAccount(ports, target))
    } catch (error) {
      const status = reportError(cli, error)
      if (failed === 0) cli.setStatus(status)
      failed++
    }
  }
  if (targets.length === 1) return
  cli.talk(`${plural(targets.length - failed, 'user')} done, ${failed} failed`)
}

/** Asks before something that cannot be undone. Throws ERR_REFUSED unless the answer is yes. */
export async function askToGoOn(cli: Cli, question: string, yes: true | undefined): Promise<void> {
  if (yes) return
  if (!cli.prompter.isInteractive) {
    throw new AppError('ERR_REFUSED', 'not done without being asked to', {
      hint: 'add --yes where nobody can answer',
    })
  }
  const answer = await cli.prompter.readLine(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer?.trim() ?? ''))
    throw new AppError('ERR_REFUSED', 'nothing was changed')
}
