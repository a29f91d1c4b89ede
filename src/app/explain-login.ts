import { plural } from '../base/text.ts'
import { formatTime, type UnixSeconds } from '../base/time.ts'
import { type AccountState, accountStatus, usableDevices } from '../domain/account.ts'
import type { Answer } from '../domain/answer.ts'
import type { Decision } from '../domain/decision.ts'
import { findExcuse } from '../domain/excuse.ts'
import { formatFirstFactor } from '../domain/first-factor.ts'
import { type LoginFacts, mayAskForCode } from '../domain/login.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { judgeThrottle, rebaseThrottle } from '../domain/throttle.ts'
import { type TryPorts, tryLogin } from './try-login.ts'

/** One thing that a login depends on, as it is now. `isGood`: it stands in nobody's way. */
export interface Check {
  readonly name: string
  readonly finding: string
  readonly isGood: boolean
}

export interface Explanation {
  readonly checks: readonly Check[]
  readonly decision: Decision
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
  return {
    checks: [
      checkUid(state, facts),
      checkStatus(state),
      checkFirstFactor(facts, policy),
      checkExcuse(state, policy),
      checkDevices(state),
      checkThrottle(state, policy, now),
    ],
    decision: await tryLogin(ports, policy, facts, answer),
  }
}

function checkUid(state: AccountState, { uid }: LoginFacts): Check {
  if (state.kind === 'never-known') {
    return { name: 'user', finding: `uid ${uid}, never known to otpgate`, isGood: false }
  }
  const isSame = state.account.uid === uid
  const finding = isSame ? `uid ${uid}` : `uid ${uid}, but ${state.account.uid} at enrolment`
  return { name: 'user', finding, isGood: isSame }
}

function checkStatus(state: AccountState): Check {
  if (state.kind === 'never-known') return { name: 'status', finding: 'none', isGood: false }
  const status = accountStatus(state.account.override, state.devices)
  return { name: 'status', finding: status, isGood: status !== 'must-enroll' }
}

function checkFirstFactor(facts: LoginFacts, { login }: VerifyPolicy): Check {
  const { firstFactor, isSsh } = facts
  const proven = firstFactor === undefined ? 'none proven' : formatFirstFactor(firstFactor)
  const finding = isSsh ? proven : 'not an SSH login: none needed'
  return { name: 'first factor', finding, isGood: mayAskForCode(facts, login) }
}

function checkExcuse(state: AccountState, { login }: VerifyPolicy): Check {
  const excuse = findExcuse(state, login)
  return { name: 'excuse', finding: excuse?.rule ?? 'none: a code is needed', isGood: true }
}

function checkDevices(state: AccountState): Check {
  const count = usableDevices(state).length
  return { name: 'devices', finding: `${count} in use`, isGood: count > 0 }
}

function checkThrottle(state: AccountState, policy: VerifyPolicy, now: UnixSeconds): Check {
  if (state.kind === 'never-known')
    return { name: 'throttle', finding: 'no failures', isGood: true }
  const throttle = rebaseThrottle(state.account.throttle.code, now)
  const verdict = judgeThrottle(throttle, policy.throttle, now)
  const failures = `${plural(throttle.consecutiveFailures, 'failure')} in a row`
  switch (verdict.kind) {
    case 'free':
      return { name: 'throttle', finding: failures, isGood: true }
    case 'waiting':
      return {
        name: 'throttle',
        finding: `${failures}, no code judged until ${formatTime(verdict.until)}`,
        isGood: false,
      }
    case 'locked':
      return { name: 'throttle', finding: `${failures}, locked`, isGood: false }
  }
}
