import { type Confirmation, confirmDevice } from '../app/confirm-device.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import { parseTypedCode } from '../domain/answer.ts'
import { findStandingExcuse } from '../domain/excuse.ts'
import type { LoginPolicy } from '../domain/login.ts'
import type { AccountName } from '../domain/name.ts'
import { renderDuration } from '../render/duration.ts'
import type { Cli, Session } from './context.ts'

const TRIES = 5

type Confirmed = Extract<Confirmation, { kind: 'confirmed' }>

/** What is to be confirmed: `deviceId` alone where one was just made, else whatever waits. */
interface ConfirmTask {
  readonly name: AccountName
  readonly mintCodes: boolean
  readonly deviceId?: string
}

/**
 * Asks for a code of the new device until one is right. Throws ERR_REFUSED when the person gives up,
 * or the tries are used up: the device then stays as it is. Throws as `confirmDevice` besides.
 */
export async function confirmInDialog(
  cli: Cli,
  session: Session,
  task: ConfirmTask,
): Promise<Confirmed> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const line = await askForCode(cli)
    if (line === undefined || line.trim() === '') break
    const answer = parseTypedCode(line)
    if (answer.kind !== 'code') {
      cli.talk('That is not a code: it has 6 to 8 digits. Type what the app shows right now.')
      continue
    }
    const { window } = session.config.totp
    const input = { ...task, code: answer.code, window, actor: cli.actor() }
    const confirmation = await confirmDevice(session.ports, input)
    if (confirmation.kind === 'confirmed') return confirmation
    explain(cli, confirmation)
  }
  const { ports, policy } = session
  const state = await ports.register.find(task.name)
  throw notConfirmed(state, task.name, policy.login, ports.now())
}

/** Ctrl-C gives up like an empty answer does. */
async function askForCode(cli: Cli): Promise<string | undefined> {
  try {
    return await cli.prompter.readLine('Type the code your app shows: ')
  } catch (error) {
    if (error instanceof AppError && error.code === 'ERR_REFUSED') return undefined
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

/** Says what it means for the person now: whether a login works is what the admin must know. */
function notConfirmed(
  state: AccountState,
  name: AccountName,
  policy: LoginPolicy,
  now: UnixSeconds,
): AppError {
  const user = toPrintable(name)
  const finish = `finish with: otpgate confirm ${user}`
  if (usableDevices(state).length > 0) {
    const hint = `${finish}; or its first right code at a login confirms it`
    return new AppError('ERR_REFUSED', `the new device of ${user} is not confirmed`, { hint })
  }
  const isExcused = findStandingExcuse(state, policy, now) !== undefined
  const meanwhile = isExcused ? `${user} logs in without a code` : `${user} cannot log in`
  return new AppError(
    'ERR_REFUSED',
    `the new device of ${user} is not confirmed, and does not count`,
    { hint: `until it is, ${meanwhile}; ${finish}` },
  )
}
