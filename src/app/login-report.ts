import { AppError } from '../base/errors.ts'
import type { AuditStamp } from '../domain/change.ts'
import { type Decision, type DenialReason, isAdmitted } from '../domain/decision.ts'
import { formatFirstFactor } from '../domain/first-factor.ts'
import type { LoginFacts } from '../domain/login.ts'
import { findAddress, type LoginRequest } from './gather-facts.ts'
import { toLogFields } from './log-record.ts'
import type { LogPriority, LogRecord } from './ports.ts'

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

/** The last step's record. What an admin should look at stands out by its severity. */
export function toLogRecord(report: LoginReport, request: LoginRequest): LogRecord {
  const { decision, facts, audit } = report
  const fields = toLogFields({
    user: request.user,
    reason: decision.outcome === 'denied' ? decision.reason : undefined,
    method: decision.outcome === 'accepted' ? decision.method : undefined,
    rule: decision.outcome === 'excused' ? decision.rule : undefined,
    device: decision.outcome === 'accepted' ? decision.device : undefined,
    from: findAddress(request) ?? request.remoteHost,
    service: request.service,
    first: facts?.firstFactor && formatFirstFactor(facts.firstFactor),
    audit: audit && `${audit.seq}:${audit.hash.slice(0, 8)}`,
  })
  return { priority: logPriority(decision), outcome: decision.outcome, fields }
}

/** Of a login that was denied because something is broken; names the cause, no value. */
export function toErrorRecord(error: unknown, request: LoginRequest | undefined): LogRecord {
  const isOurs = error instanceof AppError
  const fields = toLogFields({
    user: request?.user,
    reason: isOurs ? error.code : 'ERR_INTERNAL',
    service: request?.service,
    what: isOurs ? error.message : String(error),
  })
  return { priority: 'err', outcome: 'error', fields }
}

function logPriority(decision: Decision): LogPriority {
  if (decision.outcome === 'excused' && decision.isEmergency) return 'alert'
  if (isAdmitted(decision)) return 'info'
  return decision.reason === 'clock-behind' ? 'warning' : 'notice'
}
