import { plural } from '../base/text.ts'
import { formatTime, type UnixSeconds } from '../base/time.ts'
import { type AccountState, accountStatus, type Budget, usableDevices } from '../domain/account.ts'
import type { Answer } from '../domain/answer.ts'
import type { Decision } from '../domain/decision.ts'
import { findExcuse } from '../domain/excuse.ts'
import { formatFirstFactor } from '../domain/first-factor.ts'
import { findSource, knownUntil } from '../domain/known-source.ts'
import { type LoginFacts, mayAskForCode } from '../domain/login.ts'
import { budgetPolicy, type LoginInput, type VerifyPolicy } from '../domain/standing.ts'
import { judgeThrottle, rebaseThrottle } from '../domain/throttle.ts'
import { type TryPorts, tryLogin } from './try-login.ts'

/** One thing that a login depends on, as it is now. `isGood`: it stands in nobody's way. */
export interface Check {
  readonly name: string
  readonly finding: string
  readonly isGood: boolean
}

/** What a login would come to. `asked`: for a code. `isFine`: and nothing stands in its way. */
export type LoginProspect =
  | { readonly kind: 'asked'; readonly isFine: boolean }
  | { readonly kind: 'judged'; readonly decision: Decision }

interface Explanation {
  readonly checks: readonly Check[]
  readonly prospect: LoginProspect
}

/**
 * A login that does not take place, check by check in the order of judgement, and what it would come
 * to. Nothing is charged, used up or recorded.
 */
export async function explainLogin(
  ports: TryPorts,
  policy: VerifyPolicy,
  facts: LoginFacts,
  answer: Answer | undefined,
): Promise<Explanation> {
  const state = await ports.register.find(facts.name)
  const now = ports.now()
  const checks = [
    checkUid(state, facts),
    checkStatus(state, now),
    checkFirstFactor(facts, policy),
    checkExcuse(state, facts, policy, now),
    checkDevices(state),
    ...throttleChecks(state, answer, { facts, policy, now }),
  ]
  const decision = await tryLogin(ports, policy, facts, answer)
  const isAsked = answer === undefined && leadsToQuestion(decision, { facts, policy })
  if (!isAsked) return { checks, prospect: { kind: 'judged', decision } }
  return { checks, prospect: { kind: 'asked', isFine: checks.every(({ isGood }) => isGood) } }
}

/** No excuse is no denial. Where no first factor is needed, none is there to be excused by. */
function leadsToQuestion(
  decision: Decision,
  { facts, policy }: { readonly facts: LoginFacts; readonly policy: VerifyPolicy },
): boolean {
  if (decision.outcome !== 'denied') return false
  if (decision.reason === 'not-excused') return true
  return decision.reason === 'first-factor-missing' && mayAskForCode(facts, policy.login)
}

/** Whose failures count against the answer; before there is one, against any. */
function throttleChecks(
  state: AccountState,
  answer: Answer | undefined,
  input: LoginInput,
): readonly Check[] {
  if (!input.facts.isSsh) return [checkThrottle(state, 'local', input)]
  const isOneTime = answer?.kind === 'one-time-code'
  return [
    ...(isOneTime ? [] : codeThrottleChecks(state, input)),
    ...(isOneTime || answer === undefined ? [checkThrottle(state, 'oneTimeCode', input)] : []),
  ]
}

/** Where the account's own budget is spent, a known source has one beside it. */
function codeThrottleChecks(state: AccountState, input: LoginInput): readonly Check[] {
  const own = checkThrottle(state, 'code', input)
  if (state.kind === 'never-known') return [own]
  const { facts, now } = input
  const relief = checkThrottle(state, 'knownSource', input)
  const isKnown = knownUntil(findSource(state.sources, facts), now) !== undefined
  if (!own.isGood && isKnown) {
    const finding = relief.isGood ? `${own.finding}, but this source is known` : own.finding
    return [{ ...own, finding, isGood: relief.isGood }, relief]
  }
  const hasFailures = state.account.throttle.knownSource.consecutiveFailures > 0
  return hasFailures ? [own, { ...relief, isGood: true }] : [own]
}

function checkUid(state: AccountState, { uid }: LoginFacts): Check {
  if (state.kind === 'never-known') {
    return { name: 'user', finding: `uid ${uid}, never known to otpgate`, isGood: false }
  }
  const isSame = state.account.uid === uid
  const finding = isSame ? `uid ${uid}` : `uid ${uid}, but ${state.account.uid} at enrolment`
  return { name: 'user', finding, isGood: isSame }
}

function checkStatus(state: AccountState, now: UnixSeconds): Check {
  if (state.kind === 'never-known') return { name: 'status', finding: 'none', isGood: false }
  const status = accountStatus(state.account.override, state.devices, now)
  return {
    name: 'status',
    finding: status,
    isGood: status !== 'must-enroll' && status !== 'suspended',
  }
}

function checkFirstFactor(facts: LoginFacts, { login }: VerifyPolicy): Check {
  const { firstFactor, isSsh } = facts
  const proven = firstFactor === undefined ? 'none proven' : formatFirstFactor(firstFactor)
  const finding = isSsh ? proven : 'not an SSH login: none needed'
  return { name: 'first factor', finding, isGood: mayAskForCode(facts, login) }
}

function checkExcuse(
  state: AccountState,
  facts: LoginFacts,
  { login }: VerifyPolicy,
  now: UnixSeconds,
): Check {
  const excuse = findExcuse(state, facts, login, now)
  return { name: 'excuse', finding: excuse?.rule ?? 'none: a code is needed', isGood: true }
}

function checkDevices(state: AccountState): Check {
  const count = usableDevices(state).length
  return { name: 'devices', finding: `${count} in use`, isGood: count > 0 }
}

/** How the budgets are called. */
const THROTTLED = {
  code: { name: 'throttle', noun: 'code' },
  oneTimeCode: { name: 'recovery throttle', noun: 'recovery code' },
  knownSource: { name: 'known source throttle', noun: 'code from here' },
  local: { name: 'local throttle', noun: 'code outside SSH' },
} as const satisfies Readonly<Record<Budget, object>>

function checkThrottle(state: AccountState, budget: Budget, { policy, now }: LoginInput): Check {
  const { name, noun } = THROTTLED[budget]
  if (state.kind === 'never-known') return { name, finding: 'no failures', isGood: true }
  const throttle = rebaseThrottle(state.account.throttle[budget], now)
  const verdict = judgeThrottle(throttle, budgetPolicy(budget, policy.throttle), now)
  const failures = `${plural(throttle.consecutiveFailures, 'failure')} in a row`
  switch (verdict.kind) {
    case 'free':
      return { name, finding: failures, isGood: true }
    case 'waiting': {
      const until = formatTime(verdict.until)
      return { name, finding: `${failures}, no ${noun} judged until ${until}`, isGood: false }
    }
    case 'locked':
      return { name, finding: `${failures}, locked`, isGood: false }
  }
}
