import { inviteAccount } from '../../../app/invite-account.ts'
import type { PasswdEntry } from '../../../app/ports.ts'
import { requirePerson } from '../../../app/resolve-account.ts'
import { AppError } from '../../../base/errors.ts'
import { plural, toPrintable } from '../../../base/text.ts'
import { addSeconds, DAY_SECONDS, formatDuration } from '../../../base/time.ts'
import type { Coverage } from '../../../setup/ssh/uncovered-people.ts'
import type { Cli, Session } from '../../context.ts'
import { reportError } from '../../report.ts'
import { talkWrapped } from './talk-wrapped.ts'

const SHOWN_NAMES = 5
const OFFERED_SECONDS = 7 * DAY_SECONDS

/** Tells who could not log in any more. */
export function tellUncovered(cli: Cli, { people, uncovered }: Coverage): void {
  if (uncovered.length === 0) return
  const shown = uncovered
    .slice(0, SHOWN_NAMES)
    .map((name) => toPrintable(name))
    .join(', ')
  const more = uncovered.length - SHOWN_NAMES
  const names = more > 0 ? `${shown} and ${more} more` : shown
  const count = `${uncovered.length} of ${people}`
  const what = 'people with a login shell have no device, and could not log in any'
  talkWrapped(cli, `${count} ${what} more, unless a rule exempts them: ${names}`)
}

/**
 * For how long those are invited: as `--invite` says, or as somebody at a terminal answers; `undefined`:
 * not at all.
 */
export async function askToInvite(
  cli: Cli,
  { uncovered }: Coverage,
  inviteSeconds: number | undefined,
  yes: true | undefined,
): Promise<number | undefined> {
  if (uncovered.length === 0 || inviteSeconds !== undefined) return inviteSeconds
  const how = `--invite ${formatDuration(OFFERED_SECONDS)}`
  if (yes || !cli.prompter.isInteractive) {
    cli.talk(`to let them in without a code for a while, so that they enroll: ${how}`)
    return undefined
  }
  const question = 'Invite them for 7 days, to log in without a code and enroll? [y/N] '
  const answer = await cli.prompter.readLine(question)
  return /^y(es)?$/i.test(answer?.trim() ?? '') ? OFFERED_SECONDS : undefined
}

/**
 * Invites each whom no reset has barred, and returns who is; somebody for whom that fails is told of, and
 * keeps nobody else from it.
 */
export async function invitePeople(
  cli: Cli,
  { ports }: Session,
  names: readonly string[],
  seconds: number,
): Promise<readonly string[]> {
  const until = addSeconds(ports.now(), seconds)
  const invited: string[] = []
  for (const name of names) {
    try {
      const entry = requirePerson(ports.passwd, name)
      if (await isBarred(ports, entry)) {
        cli.talk(
          `${toPrintable(name)} was reset, and is not invited: otpgate invite ${toPrintable(name)}`,
        )
        continue
      }
      const input = { entry, actor: cli.actor(), reason: 'setup ssh', until, withCode: false }
      await inviteAccount(ports, input)
      invited.push(name)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      reportError(cli, error)
    }
  }
  cli.talk(`${plural(invited.length, 'user')} invited for ${formatDuration(seconds)}`)
  return invited
}

/** After a reset a key may be somebody else's, too: that is for an admin to decide one by one. */
async function isBarred({ register }: Session['ports'], { name }: PasswdEntry): Promise<boolean> {
  const state = await register.find(name)
  return state.kind === 'known' && state.account.override?.kind === 'must-enroll'
}

/** After a way back: whom `setup ssh` has invited, who stay so. */
export function tellStillInvited(cli: Cli, names: readonly string[]): void {
  if (names.length === 0) return
  const all = names.map((name) => toPrintable(name)).join(', ')
  talkWrapped(cli, `invited by setup ssh, which stays until its date: ${all}`)
}
