import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { runTrial } from '../../../setup/trial/run-trial.ts'
import type { Cli, Session } from '../../context.ts'
import type { Prepared } from './prepare.ts'

/**
 * Tries it all on an sshd of its own before anything is changed; with a code, where somebody is there to
 * type one. Throws ERR_SETUP_FAILED.
 */
export async function tryFirst(
  cli: Cli,
  places: SetupPlaces,
  { config }: Session,
  prepared: Prepared,
): Promise<void> {
  const { account, text, files } = prepared
  const service = files.find(({ role }) => role === 'service')?.bytes.toString('utf8') ?? ''
  const code = await askForCode(cli, account)
  const report = await runTrial({
    places,
    dropIn: text.dropInText,
    pam: { service, recipeName: text.pamName, recipe: text.pamText },
    account,
    prompt: config.messages.prompt,
    code,
    onStep: (step) => cli.talk(`trial: ${step}`),
  })
  code?.fill(0)
  if (report.outcome === 'failed') {
    throw new AppError('ERR_SETUP_FAILED', `nothing was changed: ${report.what}`, {
      hint: report.hint,
    })
  }
  if (report.loggedIn) cli.talk('that code is used up: the next login takes the next one')
}

async function askForCode(cli: Cli, account: string): Promise<Buffer | undefined> {
  if (!cli.prompter.isInteractive) return undefined
  const question = `A code of ${toPrintable(account)}, for a login on trial (Enter: without): `
  const line = (await cli.prompter.readLine(question))?.trim() ?? ''
  return line === '' ? undefined : Buffer.from(line)
}
