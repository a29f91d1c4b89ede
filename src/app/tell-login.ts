import { isAdmitted } from '../domain/decision.ts'
import { type Messages, messageFor } from '../domain/message.ts'
import type { LoginRequest } from './gather-facts.ts'
import type { LoginMode } from './judge-login.ts'
import { type LoginReport, toErrorRecord, toLogRecord } from './login-report.ts'
import type { LogAuth, Now } from './ports.ts'

/** Who is told what a login came to. */
export interface Listeners {
  readonly logAuth: LogAuth
  /** One line to the person who logs in. */
  readonly say: (line: string) => void
  readonly now: Now
}

/** One record a login: no excuse is no event yet, and a ticket that is there was logged when it was left. */
export function logReport(
  mode: LoginMode,
  report: LoginReport,
  request: LoginRequest,
  { logAuth }: Pick<Listeners, 'logAuth'>,
): void {
  const { outcome } = report.decision
  if (mode === 'excused' && outcome === 'denied') return
  if (mode === 'account' && outcome === 'accepted') return
  logAuth(toLogRecord(report, request))
}

/**
 * Nothing that tells people apart is said before a first factor is proven; and where both came in one
 * answer, not which of them was wrong.
 */
export function tellPerson(
  mode: LoginMode,
  { decision, facts }: LoginReport,
  messages: Messages,
  { say, now }: Pick<Listeners, 'say' | 'now'>,
): void {
  if (mode === 'excused' && decision.outcome === 'denied') {
    say(messages.prompt)
    return
  }
  if (mode === 'account' || facts?.firstFactor === undefined) return
  if (mode === 'password-and-code' && !isAdmitted(decision)) return
  const message = messageFor(decision, messages, now())
  if (message !== undefined) say(message)
}

/** Something broke. Before the question, the question comes next: from outside nothing looks different. */
export function tellBreakage(
  error: unknown,
  request: LoginRequest | undefined,
  { isExcuse, messages }: { readonly isExcuse: boolean; readonly messages: Messages },
  { logAuth, say }: Pick<Listeners, 'logAuth' | 'say'>,
): void {
  logAuth(toErrorRecord(error, request))
  if (isExcuse) say(messages.prompt)
}
