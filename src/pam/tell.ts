import type { LoginRequest } from '../app/gather-facts.ts'
import { formatLogLine, type LoginReport, logPriority } from '../app/login-report.ts'
import { isAdmitted } from '../domain/decision.ts'
import { type Messages, messageFor } from '../domain/message.ts'
import type { VerifierMode } from './arguments.ts'
import type { VerifierWorld } from './world.ts'

/** One line a login: no excuse is no event yet, and a ticket that is there was logged when it was left. */
export function logReport(
  mode: VerifierMode,
  report: LoginReport,
  request: LoginRequest,
  world: Pick<VerifierWorld, 'logAuth'>,
): void {
  const { outcome } = report.decision
  if (mode === 'excused' && outcome === 'denied') return
  if (mode === 'account' && outcome === 'accepted') return
  world.logAuth(logPriority(report.decision), formatLogLine(report, request))
}

/**
 * Nothing that tells people apart is said before a first factor is proven; and where both came in one
 * answer, not which of them was wrong.
 */
export function tellPerson(
  mode: VerifierMode,
  { decision, facts }: LoginReport,
  messages: Messages,
  world: Pick<VerifierWorld, 'say' | 'now'>,
): void {
  if (mode === 'excused' && decision.outcome === 'denied') {
    world.say(messages.prompt)
    return
  }
  if (mode === 'account' || facts?.firstFactor === undefined) return
  if (mode === 'password-and-code' && !isAdmitted(decision)) return
  const message = messageFor(decision, messages, world.now())
  if (message !== undefined) world.say(message)
}
