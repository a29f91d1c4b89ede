import { Command } from 'commander'
import { plural } from '../../../base/text.ts'
import { formatTime, type UnixSeconds } from '../../../base/time.ts'
import {
  type AccountState,
  type Budget,
  countRecoveryCodes,
  type KnownAccount,
  usableDevices,
} from '../../../domain/account.ts'
import { messageFor } from '../../../domain/message.ts'
import { activeOverride } from '../../../domain/override.ts'
import { judgeSelfEnrolling } from '../../../domain/self-service.ts'
import { budgetPolicy, findObstacle } from '../../../domain/standing.ts'
import { judgeThrottle, rebaseThrottle } from '../../../domain/throttle.ts'
import { renderRelativeTime } from '../../../render/duration.ts'
import type { Cli, Session } from '../../context.ts'
import { printOwnDevices } from './own-devices.ts'
import { type OwnTask, withOwnSession } from './own-session.ts'

/** `otpgate self status` */
export function selfStatusCommand(cli: Cli): Command {
  return new Command('status')
    .description('how your second factor stands')
    .action((_, command: Command) => withOwnSession(cli, command, showStatus))
}

async function showStatus(task: OwnTask): Promise<void> {
  const { cli, session, entry } = task
  const state = await session.ports.register.find(entry.name)
  const now = session.ports.now()
  const lines = [
    ...describeStanding(task, state, now),
    ...(state.kind === 'known' ? describeCodes(state, session, now) : []),
  ]
  cli.print(`${lines.join('\n')}\n`)
  if (state.kind !== 'known' || state.devices.length === 0) return
  cli.print('\n')
  printOwnDevices(cli, state)
}

/** What a login will come to, and what there is to do. */
function describeStanding(
  { session, entry }: OwnTask,
  state: AccountState,
  now: UnixSeconds,
): readonly string[] {
  const obstacle = findObstacle(state, entry)
  const told = obstacle && messageFor(obstacle, session.config.messages, now)
  if (told !== undefined) return [told]
  const override = state.kind === 'known' ? activeOverride(state.account.override, now) : undefined
  const enrolled = usableDevices(state).length > 0 ? ['You are enrolled.'] : []
  if (override?.kind === 'waived') {
    return [...enrolled, `Until ${moment(override.until, now)} no code is asked for.`]
  }
  if (enrolled.length > 0) return [...enrolled, 'A login asks for a code.']
  if (override?.kind === 'invited') return describeInvitation(override, now)
  const { selfEnroll } = session.config.policy
  const verdict = judgeSelfEnrolling(state, { uid: entry.uid, now, selfEnroll })
  return [
    'You have no second factor here.',
    verdict.outcome === 'open'
      ? 'Set it up with: sudo otpgate self enroll'
      : 'To set one up you need an invitation: ask your administrator.',
  ]
}

function describeInvitation(
  { until, needsCode }: { readonly until: UnixSeconds; readonly needsCode: boolean },
  now: UnixSeconds,
): readonly string[] {
  return [
    `You are invited until ${moment(until, now)}: set up your second factor before, with:`,
    `    sudo otpgate self enroll${needsCode ? '   (have your invitation code at hand)' : ''}`,
  ]
}

/** Recovery codes left, and what wrong codes have brought on. */
function describeCodes(state: KnownAccount, session: Session, now: UnixSeconds): readonly string[] {
  const left = countRecoveryCodes(state.oneTimeCodes)
  const codes = usableDevices(state).length === 0 ? [] : [`${plural(left, 'recovery code')} left.`]
  return [
    ...codes,
    ...describeWait(state, 'code', session, now),
    ...describeWait(state, 'oneTimeCode', session, now),
    ...describeWait(state, 'local', session, now),
  ]
}

/** Codes that are counted together. */
const WRONG = {
  code: 'codes',
  knownSource: 'codes',
  oneTimeCode: 'recovery codes',
  local: 'codes in sudo, su and here',
} as const satisfies Readonly<Record<Budget, string>>

function describeWait(
  state: KnownAccount,
  budget: Budget,
  { policy }: Session,
  now: UnixSeconds,
): readonly string[] {
  const what = WRONG[budget]
  const throttle = rebaseThrottle(state.account.throttle[budget], now)
  const verdict = judgeThrottle(throttle, budgetPolicy(budget, policy.throttle), now)
  switch (verdict.kind) {
    case 'free':
      return []
    case 'waiting':
      return [`Too many wrong ${what}: none counts until ${moment(verdict.until, now)}.`]
    case 'locked':
      return [
        budget === 'oneTimeCode'
          ? `Too many wrong ${what}: ask your administrator.`
          : `Too many wrong ${what}: log in with a recovery code, or ask your administrator.`,
      ]
  }
}

function moment(at: UnixSeconds, now: UnixSeconds): string {
  return `${formatTime(at)} (${renderRelativeTime(at, now)})`
}
