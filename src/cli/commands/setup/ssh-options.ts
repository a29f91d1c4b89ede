import { type Command, Option } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { parseDuration } from '../../../base/time.ts'
import { LONGEST_EXCUSE_SECONDS } from '../../../domain/override.ts'
import { type BreakGlass, parseBreakGlass } from '../../../setup/ssh/break-glass.ts'
import { RECIPES, type Recipe } from '../../../setup/ssh/journal.ts'
import type { RecipeChoice } from '../../../setup/ssh/recipe.ts'
import type { CommonOptions } from '../../context.ts'

const SHORTEST_TIMEOUT_SECONDS = 5
const LONGEST_TIMEOUT_SECONDS = 86_400
/** What sshd_config and PAM take as one word, and as nothing but a name. */
const GROUP_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** `otpgate setup ssh`, as it is typed. */
export interface SshOptions extends CommonOptions {
  readonly recipe: Recipe
  readonly group?: string
  readonly as?: string
  readonly timeout: string
  readonly invite?: string
  readonly breakGlass?: string
  readonly dryRun?: true
  readonly wait?: true
  readonly yes?: true
}

/** The same, understood. */
export interface SshRequest extends RecipeChoice {
  readonly timeoutSeconds: number
  /** `undefined`: whether anybody is invited is asked, where somebody is there to answer. */
  readonly inviteSeconds: number | undefined
  readonly breakGlass: BreakGlass | undefined
}

/** Gives the command its options. */
export function withSshOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--recipe <recipe>', 'what a login takes').choices(RECIPES).default('key+code'),
    )
    .option('--group <group>', 'ask only the members of this group for a code')
    .option('--as <user>', 'whose login proves it; else whoever ran sudo')
    .option('--timeout <duration>', 'when all goes back without that', '5m')
    .option('--invite <duration>', 'people without a device may log in without, to enroll')
    .option('--break-glass <user@network>', 'one login by key alone, for when otpgate is broken')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--wait', 'stay until it is confirmed or taken back; on a terminal this is so')
    .option('-y, --yes', 'do not ask')
}

/** Throws ERR_USAGE. */
export function readSshRequest(options: SshOptions): SshRequest {
  const { recipe, group, timeout, invite, breakGlass } = options
  return {
    recipe,
    group: group === undefined ? undefined : readGroup(group, recipe),
    timeoutSeconds: readTimeout(timeout),
    inviteSeconds: invite === undefined ? undefined : readInvite(invite),
    breakGlass: breakGlass === undefined ? undefined : parseBreakGlass(breakGlass),
  }
}

function readGroup(group: string, recipe: Recipe): string {
  if (recipe !== 'key+code') {
    throw new AppError('ERR_USAGE', `--group does not go with --recipe ${recipe}`, {
      hint: 'a group is asked by key and code; for passwords leave --group out',
    })
  }
  if (GROUP_NAME.test(group)) return group
  throw new AppError('ERR_USAGE', '--group is not the name of a group')
}

function readTimeout(text: string): number {
  const seconds = parseDuration(text)
  if (seconds >= SHORTEST_TIMEOUT_SECONDS && seconds <= LONGEST_TIMEOUT_SECONDS) return seconds
  throw new AppError('ERR_USAGE', '--timeout is out of range', { hint: 'from 5s to 24h' })
}

function readInvite(text: string): number {
  const seconds = parseDuration(text)
  if (seconds > 0 && seconds <= LONGEST_EXCUSE_SECONDS) return seconds
  throw new AppError('ERR_USAGE', '--invite is out of range', {
    hint: 'such as 7d; at most a year',
  })
}
