import { mayAskForCode } from '../domain/login.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, gatherOrigin, type LoginRequest } from './gather-facts.ts'
import type { LoginMode } from './judge-login.ts'
import type { Passwd } from './ports.ts'

/**
 * Asks the passwd database for exactly what the use case of the mode will ask it for: not for somebody
 * behind whom no first factor is proven where one is demanded, since the time could tell who is known
 * here.
 */
export function lookUpLogin(
  passwd: Passwd,
  policy: VerifyPolicy,
  { mode, request }: { readonly mode: LoginMode; readonly request: LoginRequest },
): void {
  if (mode === 'excused' && request.firstFactor === undefined) return
  if (mode === 'code' && !mayAskForCode(gatherOrigin(request), policy.login)) return
  gatherFacts(passwd, policy, request)
}
