import { type Confirmation, confirmDevice } from '../app/confirm-device.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { parseTypedCode } from '../domain/answer.ts'
import type { AccountName } from '../domain/name.ts'
import { renderDuration } from '../render/duration.ts'
import type { Cli, Session } from './context.ts'

const TRIES = 5

type Confirmed = Extract<Confirmation, { kind: 'confirmed' }>

/**
 * Asks for a code of the new device until one is right. Throws ERR_REFUSED when the person gives up,
 * or the tries are used up: the device then stays as it is, and does not count.
 */
export async function confirmInDialog(
  cli: Cli,
  session: Session,
  name: AccountName,
  mintCodes: boolean,
): Promise<Confirmed> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const line = await askForCode(cli, name)
    if (line === undefined || line.trim() === '') throw notConfirmed(name)
    const answer = parseTypedCode(line)
    if (answer.kind !== 'code') {
      cli.talk('That is not a code: it has 6 to 8 digits. Type what the app shows right now.')
      continue
    }
    const { window } = session.config.totp
    const input = { name, code: answer.code, window, mintCodes, actor: cli.actor() }
    const confirmation = await confirmDevice(session.ports, input)
    if (confirmation.kind === 'confirmed') return confirmation
    explain(cli, confirmation)
  }
  throw notConfirmed(name)
}

async function askForCode(cli: Cli, name: AccountName): Promise<string | undefined> {
  try {
    return await cli.prompter.readLine('Type the code your app shows: ')
  } catch (error) {
    if (error instanceof AppError && error.code === 'ERR_REFUSED') throw notConfirmed(name)
    throw error
  }
}

function explain(cli: Cli, confirmation: Exclude<Confirmation, Confirmed>): void {
  if (confirmation.kind === 'wrong') {
    cli.talk('That code is not right. Wait for the next one, and check that the app')
    cli.talk('shows it for this account.')
    return
  }
  const { offsetSeconds } = confirmation
  const off = renderDuration(Math.abs(offsetSeconds))
  const direction = offsetSeconds > 0 ? 'ahead of' : 'behind'
  cli.talk("That code is right for another time: the phone's clock is about")
  cli.talk(`${off} ${direction} the clock of this host. Switch on automatic time on`)
  cli.talk('the phone, check this host by: date. Then type a new code.')
}

function notConfirmed(name: AccountName): AppError {
  const user = toPrintable(name)
  return new AppError(
    'ERR_REFUSED',
    `the new device of ${user} is not confirmed, and does not count`,
    {
      hint: `finish with: otpgate confirm ${user}`,
    },
  )
}
