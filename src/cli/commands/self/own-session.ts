import type { Command } from 'commander'
import type { PasswdEntry } from '../../../app/ports.ts'
import { AppError } from '../../../base/errors.ts'
import { DEFAULT_CONFIG_PATH } from '../../../wire.ts'
import { type Cli, type Session, withSession } from '../../context.ts'
import { forPerson } from './own-error.ts'

/** What one command of a person's own works with. */
export interface OwnTask {
  /** Talks to the person, not to an admin. */
  readonly cli: Cli
  readonly session: Session
  /** Whose account it is: the only one that may be looked at or changed. */
  readonly entry: PasswdEntry
}

/** Options that every other command takes, and an ordinary user must not give to root's program. */
const ADMIN_OPTIONS = ['config', 'json']

/**
 * Runs `use` for the person who called sudo, on the configuration of the host. Throws ERR_USAGE where
 * an option names another, and as `Cli.invoker` where sudo named nobody.
 */
export async function withOwnSession(
  cli: Cli,
  command: Command,
  use: (task: OwnTask) => Promise<void>,
): Promise<void> {
  refuseOptions(command)
  const entry = cli.invoker()
  const typed = `sudo otpgate ${pathOf(command)}`
  // Who has no shell here gets the dialogue at a login.
  const again = command.name() === 'enroll' ? `${typed}, or log in again` : typed
  const ways = { again, recoveryCodes: 'sudo otpgate self recovery new' }
  try {
    await withSession(cli, { config: DEFAULT_CONFIG_PATH }, (session) =>
      use({ cli: { ...cli, ways }, session, entry }),
    )
  } catch (error) {
    throw forPerson(error, again)
  }
}

/** Also where they stand before the noun: sudo may have been told to allow more than we ship. */
function refuseOptions(command: Command): void {
  for (let each: Command | null = command; each !== null; each = each.parent) {
    const given = ADMIN_OPTIONS.find((name) => each?.getOptionValueSource(name) === 'cli')
    if (given !== undefined) {
      throw new AppError('ERR_USAGE', `self takes no --${given}`, {
        hint: `run: sudo otpgate ${pathOf(command)}`,
      })
    }
  }
}

/** `self device add` */
function pathOf(command: Command): string {
  const { parent } = command
  return parent === null || parent.parent === null
    ? command.name()
    : `${pathOf(parent)} ${command.name()}`
}
