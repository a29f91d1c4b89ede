import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { AuditStamp } from '../domain/change.ts'
import { type Decision, type DenialReason, isAdmitted } from '../domain/decision.ts'
import { formatFirstFactor } from '../domain/first-factor.ts'
import type { LoginFacts } from '../domain/login.ts'
import { findAddress, type LoginRequest } from './gather-facts.ts'
import type { LogPriority } from './ports.ts'

/** All there is to say about one judged login; the decision is on disk where it changed anything. */
export interface LoginReport {
  readonly decision: Decision
  /** `undefined`: the passwd database knows no such user, or was not asked. */
  readonly facts: LoginFacts | undefined
  readonly audit: AuditStamp | undefined
}

/** A name that the passwd database does not know gets no further, whatever was typed. */
export const UNKNOWN_USER: LoginReport = denyUnnamed('user-unknown')

/**
 * Where a first factor has to be proven before and is not, nobody is looked up: the time could tell
 * who is known here, and whatever was typed comes to the same.
 */
export const FIRST_FACTOR_MISSING: LoginReport = denyUnnamed('first-factor-missing')

function denyUnnamed(reason: DenialReason): LoginReport {
  return { decision: { outcome: 'denied', reason }, facts: undefined, audit: undefined }
}

/** The last step's record: one line of `key=value`, each value escaped, none of them secret. */
export function formatLogLine(report: LoginReport, request: LoginRequest): string {
  const { decision, facts, audit } = report
  const fields: Readonly<Record<string, string | undefined>> = {
    user: request.user,
    reason: decision.outcome === 'denied' ? decision.reason : undefined,
    method: decision.outcome === 'accepted' ? decision.method : undefined,
    rule: decision.outcome === 'excused' ? decision.rule : undefined,
    device: decision.outcome === 'accepted' ? decision.device : undefined,
    from: findAddress(request) ?? request.remoteHost,
    service: request.service,
    first: facts?.firstFactor && formatFirstFactor(facts.firstFactor),
    audit: audit && `${audit.seq}:${audit.hash.slice(0, 8)}`,
  }
  return [decision.outcome, ...shownFields(fields)].join(' ')
}

/** The line about a login that was denied because something is broken; names the cause, no value. */
export function formatErrorLine(error: unknown, request: LoginRequest | undefined): string {
  const isOurs = error instanceof AppError
  const fields: Readonly<Record<string, string | undefined>> = {
    user: request?.user,
    reason: isOurs ? error.code : 'ERR_INTERNAL',
    service: request?.service,
    what: isOurs ? error.message : String(error),
  }
  return ['error', ...shownFields(fields)].join(' ')
}

/** Severity of the line: what an admin should look at stands out. */
export function logPriority(decision: Decision): LogPriority {
  if (decision.outcome === 'excused' && decision.isEmergency) return 'alert'
  if (isAdmitted(decision)) return 'info'
  return decision.reason === 'clock-behind' ? 'warning' : 'notice'
}

function shownFields(fields: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${quoted(value)}`],
  )
}

/** No value can be taken for two fields, not even by a filter that looks for `from=` anywhere. */
function quoted(value: string): string {
  const shown = toPrintable(value)
  if (/^[^\s"=]+$/.test(shown)) return shown
  return `"${shown.replaceAll('"', '\\x22').replaceAll('=', '\\x3d')}"`
}
