import type { Budget } from '../../../src/domain/account.ts'
import type { LoginCase } from './login-case.ts'

/**
 * The rules of a login as the documentation states them, question by question, and nothing of how the
 * program finds the answers. A verdict is a reason, `accepted`, `prove` or `excused by RULE`.
 */
export function statedVerdict(login: LoginCase): string {
  const barred = statedBar(login)
  if (barred !== undefined) return barred
  if (login.factor === 'missing') return 'first-factor-missing'
  if (login.answer === 'empty' || login.answer === 'not-a-code') return login.answer
  if (login.person === 'never known') return 'not-enrolled'
  return isOneTime(login) ? statedOneTime(login) : statedCode(login)
}

/** Of `--excused`: an excuse is no factor, so there has to be one. */
export function statedExcuseVerdict(login: LoginCase): string {
  const barred = statedBar(login)
  if (barred !== undefined) return barred
  if (login.factor !== 'proven') return 'first-factor-missing'
  return statedExcuse(login) ?? 'not-excused'
}

/** Of `--account`. */
export function statedAccountVerdict(login: LoginCase): string {
  const barred = statedBar(login)
  if (barred !== undefined) return barred
  // Only an SSH login has a connection that a ticket can belong to.
  const isHere = login.ticket.startsWith('good') && login.clock !== 'behind'
  const hasBoth = login.factor !== 'missing' || login.ticket === 'good, proving both'
  if (isHere && hasBoth && login.factor !== 'not SSH') return 'accepted'
  return statedExcuse(login) ?? 'ticket-missing'
}

/** Of the second transaction of a one-time code whose hash fits. */
export function statedSettlement(login: LoginCase): string {
  const barred = statedBar(login)
  if (barred !== undefined) return barred
  if (login.person === 'never known') return 'not-enrolled'
  return statedCandidate(login) === undefined ? 'code-wrong' : 'accepted'
}

/** Which stored one-time code may let this login in, if any. */
export function statedCandidate({ answer, person, clock }: LoginCase): string | undefined {
  if (answer === 'recovery code' && person === 'enrolled') return 'recovery'
  // Neither past its date nor, where the clock was set back, before it was made.
  if (answer === 'bypass code' && clock === 'normal') return 'bypass'
  return undefined
}

/** Whose failures the attempt counts against. */
export function statedBudget(login: LoginCase): Budget {
  if (login.factor === 'not SSH') return 'local'
  if (isOneTime(login)) return 'oneTimeCode'
  return isWait(login.throttle, 'codes') ? 'knownSource' : 'code'
}

function isOneTime({ answer }: LoginCase): boolean {
  return ['recovery code', 'bypass code', 'invitation code', 'unknown code'].includes(answer)
}

function statedBar({ person, override }: LoginCase): string | undefined {
  if (person === 'never known') return undefined
  if (person === 'of another uid') return 'uid-changed'
  return override === 'suspended' || override === 'must-enroll' ? override : undefined
}

/** In the order of the table: rule, override, memory, never enrolled. */
function statedExcuse(login: LoginCase): string | undefined {
  const { person, override, clock, excuse, factor, source } = login
  const hasDate = override === 'waived' || override === 'invited'
  const isDated = hasDate && clock === 'normal' && person !== 'never known'
  if (excuse === 'exempt') return 'excused by office'
  if (isDated) return `excused by ${override}`
  const isRemembered = excuse === 'remembered' && person !== 'never known' && clock !== 'behind'
  const isKnown = source === 'known' || source === 'known and spent'
  if (isRemembered && factor === 'proven' && isKnown) return 'excused by remembered'
  const isNew = person === 'unenrolled' || person === 'never known'
  return excuse === 'unenrolled allow' && isNew ? 'excused by unenrolled-allowed' : undefined
}

function statedOneTime(login: LoginCase): string {
  return statedWait(login, 'one-time codes') ?? 'prove'
}

/** What stands in the way of codes that count against these: outside SSH all count against one. */
function statedWait({ throttle, factor }: LoginCase, whose: string): string | undefined {
  if (!isWait(throttle, factor === 'not SSH' ? 'local' : whose)) return undefined
  return throttle.endsWith('locked') ? 'locked' : 'throttled'
}

function statedCode(login: LoginCase): string {
  const { person, clock, answer } = login
  if (person === 'unenrolled') return 'not-enrolled'
  const wait = statedWait(login, 'codes')
  if (wait !== undefined && !hasRelief(login)) return wait
  if (answer === 'wrong code') return 'code-wrong'
  if (clock === 'behind') return 'clock-behind'
  return answer === 'right code' ? 'accepted' : 'code-replayed'
}

function isWait(throttle: string, whose: string): boolean {
  return throttle.startsWith(`${whose} `)
}

/** A budget of its own, for where the person logged in from within the last 30 days. */
function hasRelief({ source, factor, clock }: LoginCase): boolean {
  return source === 'known' && factor === 'proven' && clock !== 'behind'
}
