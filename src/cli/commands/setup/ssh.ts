import { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import type { ProcessMark } from '../../../host/process-mark.ts'
import { listOpenConnections } from '../../../host/sshd-connection.ts'
import { type Installed, installSetup } from '../../../setup/ssh/install.ts'
import { keepInvited } from '../../../setup/ssh/invited.ts'
import { findNewestSeq } from '../../../setup/ssh/newest-row.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { isOfAnother } from '../../../setup/watch/other-login.ts'
import { type Cli, type Session, withSession } from '../../context.ts'
import { printJson } from '../../report.ts'
import { askToGoOn } from '../../targets.ts'
import { asRoot } from './as-root.ts'
import { followSetup, tellInstalled } from './follow.ts'
import { askToInvite, invitePeople, tellUncovered } from './invite-people.ts'
import { type Prepared, prepareSetup } from './prepare.ts'
import { renderDiff, showPlan } from './show-plan.ts'
import { readSshRequest, type SshOptions, type SshRequest, withSshOptions } from './ssh-options.ts'
import { talkWrapped } from './talk-wrapped.ts'
import { tryFirst } from './try-first.ts'
import { toView } from './view.ts'

const ROOT = 'root'

/** `otpgate setup ssh` */
export function setupSshCommand(cli: Cli, places: SetupPlaces): Command {
  const command = new Command('ssh').description(
    'ask for a code at every login by SSH; goes back by itself unless somebody logs in',
  )
  return withSshOptions(command).action(async (_: unknown, given: Command) => {
    const options = given.optsWithGlobals<SshOptions>()
    const request = readSshRequest(options)
    await asRoot(() =>
      withSession(cli, options, (session) => setupSsh(cli, places, session, { options, request })),
    )
  })
}

interface Wish {
  readonly options: SshOptions
  readonly request: SshRequest
}

async function setupSsh(
  cli: Cli,
  places: SetupPlaces,
  session: Session,
  { options, request }: Wish,
): Promise<void> {
  const named = options.as ?? whoeverRanThis(cli)
  const account = session.ports.passwd.findByName(named)?.name ?? named
  const input = { places, session, account, configPath: options.config }
  const prepared = await prepareSetup(input, request)
  if (options.dryRun && options.json) return printJson(cli, toPlanView(prepared))
  if (!options.json) showPlan(cli, prepared.files)
  for (const remark of prepared.remarks) talkWrapped(cli, `look at this: ${remark}`)
  tellUncovered(cli, prepared.coverage)
  if (options.dryRun) {
    cli.talk('nothing was changed')
    return
  }
  const { coverage } = prepared
  const invited = await askToInvite(cli, coverage, request.inviteSeconds, options.yes)
  await askToGoOn(cli, `Try this, and then install it, as ${toPrintable(account)}?`, options.yes)
  await tryFirst(cli, places, session, prepared)
  const installed = await install(places, session, prepared, request)
  // Not sooner: who is invited stays so where the installation fails, and goes back.
  keepInvited(places, [])
  if (invited !== undefined) {
    keepInvited(places, await invitePeople(cli, session, coverage.uncovered, invited))
  }
  await showEnd(cli, places, installed, options)
}

/** The person behind sudo; root where nobody is. */
function whoeverRanThis(cli: Cli): string {
  try {
    return cli.invoker().name
  } catch (error) {
    if (error instanceof AppError && error.code === 'ERR_NOT_PERMITTED') return ROOT
    throw error
  }
}

function install(
  places: SetupPlaces,
  { ports }: Session,
  { text, files, account, configPath }: Prepared,
  { recipe, group, timeoutSeconds }: SshRequest,
): Promise<Installed> {
  const request = { recipe, group, text, files, account, configPath, timeoutSeconds }
  return installSetup(places, request, {
    now: ports.now,
    markProofStart: async () => {
      // In this order: a row that is written in between is of no connection that counts.
      const openConnections = listOpenConnections(places)
        .filter((each) => !isOfAnother(each, account, ports.passwd))
        .map(toMark)
      return { openConnections, afterSeq: await findNewestSeq(ports.journal) }
    },
  })
}

function toMark({ pid, startTicks }: ProcessMark): ProcessMark {
  return { pid, startTicks }
}

/** Where nobody watches, the command is done once the countdown runs. */
async function showEnd(
  cli: Cli,
  places: SetupPlaces,
  installed: Installed,
  { wait, json, yes }: SshOptions,
): Promise<void> {
  tellInstalled(cli, installed)
  const isWatched = wait ?? (cli.prompter.isInteractive && !yes)
  const journal = isWatched ? await followSetup(cli, places) : installed.journal
  if (json) return printJson(cli, toView(journal))
  if (isWatched) cli.talk('confirmed: somebody has logged in with a code. It stays.')
}

/** What `--dry-run --json` prints: public, fields are added and never renamed. */
function toPlanView({ account, files, remarks, coverage }: Prepared) {
  return {
    user: account,
    files: files.map((file) => ({
      role: file.role,
      path: file.path,
      exists: file.before !== undefined,
      diff: renderDiff(file),
    })),
    remarks,
    people_with_shell: coverage.people,
    people_without_device: coverage.uncovered,
  }
}
