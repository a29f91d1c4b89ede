import { type Confirmation, confirmDevice, requireUnconfirmed } from '../app/confirm-device.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import { parseTypedCode } from '../domain/answer.ts'
import type { Device } from '../domain/device.ts'
import { findStandingExcuse } from '../domain/excuse.ts'
import type { LoginPolicy } from '../domain/login.ts'
import type { AccountName } from '../domain/name.ts'
import { renderDuration } from '../render/duration.ts'
import type { Cli, OwnWays, Session } from './context.ts'
import { quoteLabel } from './device-words.ts'

const TRIES = 5

const WRONG = [
  'That code is not right. Wait for the next one, and check that the app',
  'shows it for this account.',
] as const
const WRONG_COUNT = [
  'That code is not right. Press for the next one, and check that secret and',
  'number of digits are those of the token.',
] as const

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
  // Before the question: nobody is asked for a code that could not be right.
  const found = await session.ports.register.find(task.name)
  const [device] = requireUnconfirmed(found, task.name, task.deviceId)
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const line = await askForCode(cli, device)
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
    for (const line of explain(confirmation, task.name, device)) cli.talk(line)
  }
  const { ports, policy } = session
  const state = await ports.register.find(task.name)
  if (cli.ways !== undefined) throw ownNotConfirmed(cli.ways)
  throw notConfirmed(state, { name: task.name, device }, policy.login, ports.now())
}

/** Ctrl-C gives up like an empty answer does. */
async function askForCode(cli: Cli, device: Device | undefined): Promise<string | undefined> {
  const source = device?.kind === 'hotp' ? 'the next code of the token' : 'the code your app shows'
  try {
    return await cli.prompter.readLine(`Type ${source}: `)
  } catch (error) {
    if (error instanceof AppError && error.code === 'ERR_REFUSED') return undefined
    throw error
  }
}

function explain(
  confirmation: Exclude<Confirmation, Confirmed>,
  name: AccountName,
  device: Device | undefined,
): readonly string[] {
  switch (confirmation.kind) {
    case 'wrong':
      return device?.kind === 'hotp' ? WRONG_COUNT : WRONG
    case 'other-time':
      return explainOtherTime(confirmation.offsetSeconds)
    case 'other-count':
      return [
        `That code is right ${confirmation.presses} presses further on. In another window run`,
        `    otpgate device resync ${toPrintable(name)} ${quoteLabel(device?.label ?? 'LABEL')}`,
        'with the next two codes; then type the one after those here.',
      ]
  }
}

function explainOtherTime(offsetSeconds: number): readonly string[] {
  const off = renderDuration(Math.abs(offsetSeconds))
  const direction = offsetSeconds > 0 ? 'ahead of' : 'behind'
  return [
    "That code is right for another time: the phone's clock is about",
    `${off} ${direction} the clock of this host. Switch on automatic time on`,
    'the phone, check this host by: date. Then type a new code.',
  ]
}

/** To the person themselves. */
function ownNotConfirmed({ again }: OwnWays): AppError {
  const message = 'the new device is not confirmed, and does not count'
  return new AppError('ERR_REFUSED', message, { hint: `start again with: ${again}` })
}

/** Says what it means for the person now: whether a login works is what the admin must know. */
function notConfirmed(
  state: AccountState,
  { name, device }: { readonly name: AccountName; readonly device: Device | undefined },
  policy: LoginPolicy,
  now: UnixSeconds,
): AppError {
  const user = toPrintable(name)
  const finish = `finish with: otpgate confirm ${user}`
  if (device?.countsUnconfirmed) {
    const hint = `${finish}; or its first right code at a login confirms it`
    return new AppError('ERR_REFUSED', `the new device of ${user} is not confirmed`, { hint })
  }
  const meanwhile = `${user} ${meanwhileOf(state, policy, now)}`
  return new AppError(
    'ERR_REFUSED',
    `the new device of ${user} is not confirmed, and does not count`,
    { hint: `until it is, ${meanwhile}; ${finish}` },
  )
}

function meanwhileOf(state: AccountState, policy: LoginPolicy, now: UnixSeconds): string {
  if (usableDevices(state).length > 0) return 'logs in with what there was'
  const isExcused = findStandingExcuse(state, policy, now) !== undefined
  return isExcused ? 'logs in without a code' : 'cannot log in'
}
