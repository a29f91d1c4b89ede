import { checkAccount } from '../app/check-account.ts'
import { excuseLogin } from '../app/excuse-login.ts'
import type { LoginRequest } from '../app/gather-facts.ts'
import type { LoginReport } from '../app/login-report.ts'
import type { PasswordCheck } from '../app/ports.ts'
import { verifyLogin } from '../app/verify-login.ts'
import { verifyPasswordLogin } from '../app/verify-password-login.ts'
import { assertNever } from '../base/assert.ts'
import { parseAnswer } from '../domain/answer.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import type { Ports } from '../wire.ts'
import type { VerifierMode } from './arguments.ts'
import type { Question } from './question.ts'

/** Modes that judge a login. */
export type LoginMode = Exclude<VerifierMode, Question>

/** One login, with all that is known of it before the store is asked. */
export interface LoginCase {
  readonly mode: LoginMode
  readonly policy: VerifyPolicy
  readonly request: LoginRequest
  /** As it came from stdin; empty where nobody was asked. */
  readonly typed: Buffer
}

/** Whether the mode judges what somebody has typed. */
export function takesAnswer(mode: LoginMode): boolean {
  return mode === 'code' || mode === 'password-and-code'
}

/** The judgement of the login by the use case of its mode. Throws ERR_* of whatever broke. */
export async function judgeLogin(
  ports: Ports & { readonly passwords: PasswordCheck },
  { mode, policy, request, typed }: LoginCase,
): Promise<LoginReport> {
  switch (mode) {
    case 'code':
      return await verifyLogin(ports, policy, request, parseAnswer(typed))
    case 'password-and-code':
      return await verifyPasswordLogin(ports, policy, request, typed)
    case 'account':
      return await checkAccount(ports, policy, request)
    case 'excused':
      return await excuseLogin(ports, policy, request)
    default:
      return assertNever(mode)
  }
}
