import { assertNever } from '../base/assert.ts'
import { parseAnswer } from '../domain/answer.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { checkAccount } from './check-account.ts'
import { excuseLogin } from './excuse-login.ts'
import type { LoginRequest } from './gather-facts.ts'
import type { LoginReport } from './login-report.ts'
import type { Now, PasswordCheck, Register } from './ports.ts'
import { type VerifyPorts, verifyLogin } from './verify-login.ts'
import { verifyPasswordLogin } from './verify-password-login.ts'

/** What a line of pam.d wants judged. */
export type LoginMode = 'code' | 'excused' | 'account' | 'password-and-code'

/** One login, with all that is known of it before the store is asked. */
export interface LoginCase {
  readonly mode: LoginMode
  readonly policy: VerifyPolicy
  readonly request: LoginRequest
  /** As it came from stdin; empty where nobody was asked. */
  readonly typed: Buffer
}

/** All that any of the modes needs. */
export interface LoginPorts extends VerifyPorts {
  readonly register: Register
  readonly now: Now
}

/** Whether the mode judges what somebody has typed. */
export function takesAnswer(mode: LoginMode): boolean {
  return mode === 'code' || mode === 'password-and-code'
}

/** The judgement of the login by the use case of its mode. Throws ERR_* of whatever broke. */
export async function judgeLogin(
  ports: LoginPorts & { readonly passwords: PasswordCheck },
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
