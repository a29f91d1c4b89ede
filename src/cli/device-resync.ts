import { requireDevice } from '../app/device-label.ts'
import { requireKnown } from '../app/known-account.ts'
import { type Resync, resyncDevice } from '../app/resync-device.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { parseTypedCode } from '../domain/answer.ts'
import type { AccountName } from '../domain/name.ts'
import { renderDuration } from '../render/duration.ts'
import type { Cli, CommonOptions, Session } from './context.ts'
import { quoteLabel } from './device-words.ts'
import { printJson } from './report.ts'

interface ResyncTask {
  readonly name: AccountName
  readonly label: string
  readonly reason: string | undefined
}

type Found = Extract<Resync, { kind: 'clock-found' | 'counter-found' }>

/**
 * Asks for two codes in a row and says what they tell. Throws ERR_REFUSED where they do not fit, or
 * somebody has to set a clock right first; nothing is changed then.
 */
export async function resyncInDialog(
  cli: Cli,
  { ports }: Session,
  task: ResyncTask,
  { json }: CommonOptions,
): Promise<void> {
  // Before the question, as where a code is to confirm.
  const { kind } = requireDevice(
    requireKnown(await ports.register.find(task.name), task.name),
    task.label,
  )
  const again = kind === 'hotp' ? 'Press once more' : 'Wait for the next one'
  const first = await askForCode(cli, `Type the code that "${toPrintable(task.label)}" shows: `)
  const second = await askForCode(cli, `${again}, and type it: `)
  const input = { ...task, actor: cli.actor(), codes: { first, second } }
  const resync = await resyncDevice(ports, input)
  if (resync.kind !== 'clock-found' && resync.kind !== 'counter-found') throw refusal(resync, task)
  if (json) return printJson(cli, toView(resync, task))
  for (const line of describe(resync, toPrintable(task.label))) cli.talk(line)
}

async function askForCode(cli: Cli, prompt: string): Promise<string> {
  const answer = parseTypedCode((await cli.prompter.readLine(prompt)) ?? '')
  if (answer.kind === 'code') return answer.code
  throw new AppError('ERR_REFUSED', 'that is not a code: nothing was changed', {
    hint: 'two codes of 6 to 8 digits, one a line, in the order in which the device shows them',
  })
}

function describe(resync: Found, label: string): readonly string[] {
  if (resync.kind === 'counter-found') {
    return [`"${label}" was ${resync.skipped} presses further on. It is followed from here.`]
  }
  const { offsetSeconds, markRepaired } = resync
  return [
    offsetSeconds === 0
      ? `The clock of "${label}" is right.`
      : `The clock of "${label}" is ${describeOffset(offsetSeconds)} the clock of this host.`,
    ...(offsetSeconds === 0 ? [] : ['Its codes are judged by that from now on.']),
    ...(markRepaired ? ['Its newest accepted code lay in the future: that is put right.'] : []),
  ]
}

function describeOffset(offsetSeconds: number): string {
  const off = renderDuration(Math.abs(offsetSeconds))
  return `about ${off} ${offsetSeconds > 0 ? 'ahead of' : 'behind'}`
}

function refusal(resync: Exclude<Resync, Found>, { name, label }: ResyncTask): AppError {
  const device = `"${toPrintable(label)}"`
  switch (resync.kind) {
    case 'wrong':
      return new AppError('ERR_REFUSED', `these are not two codes in a row of ${device}`, {
        hint: 'type one, then the very next; within a day of the right time, or 1000 presses',
      })
    case 'used':
      return new AppError('ERR_REFUSED', `these codes of ${device} were used already`, {
        hint: usedHint(toPrintable(name), quoteLabel(label)),
      })
    case 'clock-too-far':
      return new AppError(
        'ERR_REFUSED',
        `the clock of ${device} is ${describeOffset(resync.offsetSeconds)} the clock of this host`,
        { hint: 'nothing was changed: set the phone to automatic time, check this host by: date' },
      )
  }
}

function usedHint(user: string, label: string): string {
  const remove = `otpgate device remove ${user} ${label}`
  const add = `otpgate device add ${user} --type hotp --secret-stdin`
  return `a counter never goes back; where the token was set up anew: ${remove}, then: ${add}`
}

function toView(resync: Found, { name, label }: ResyncTask) {
  const isClock = resync.kind === 'clock-found'
  return {
    user: name,
    device: label,
    result: 'resynced',
    drift: isClock ? resync.offsetSeconds : null,
    counter: isClock ? null : resync.counter + 1,
  }
}
