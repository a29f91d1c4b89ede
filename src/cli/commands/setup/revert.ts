import { Command } from 'commander'
import { toPrintable } from '../../../base/text.ts'
import { now } from '../../../host/clock.ts'
import { revertSetup } from '../../../setup/ssh/end-setup.ts'
import { readInvited } from '../../../setup/ssh/invited.ts'
import { readJournal } from '../../../setup/ssh/journal-file.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import type { Cli, CommonOptions } from '../../context.ts'
import { printJson } from '../../report.ts'
import { askToGoOn } from '../../targets.ts'
import { asRoot } from './as-root.ts'
import { tellStillInvited } from './invite-people.ts'
import { toView } from './view.ts'

interface RevertOptions extends CommonOptions {
  readonly force?: true
  readonly yes?: true
}

/** `otpgate setup revert` */
export function setupRevertCommand(cli: Cli, places: SetupPlaces): Command {
  return new Command('revert')
    .description('put everything back as it was before "setup ssh", also long afterwards')
    .option('--force', 'also files that somebody else has changed since; theirs are kept')
    .option('-y, --yes', 'do not ask')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<RevertOptions>()
      await asRoot(() => revert(cli, places, options))
    })
}

/** What nobody has confirmed yet goes back without a question. */
async function revert(
  cli: Cli,
  places: SetupPlaces,
  { force, yes, json }: RevertOptions,
): Promise<void> {
  if (readJournal(places)?.phase === 'confirmed') {
    await askToGoOn(cli, 'Logins will take no code any more. Take it all back?', yes)
  }
  const reverted = await revertSetup(places, { because: 'asked', now, force: force ?? false })
  if (json) {
    return printJson(cli, reverted ? { ...toView(reverted.journal), kept: reverted.kept } : null)
  }
  if (reverted === undefined) {
    cli.talk('there is nothing to take back')
    return
  }
  for (const path of reverted.kept) cli.print(`kept    ${toPrintable(path)}\n`)
  cli.talk('everything is back as it was before')
  tellStillInvited(cli, readInvited(places))
}
