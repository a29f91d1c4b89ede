import { PAM_RETURNS, type PamReturn } from './pam-control.ts'
import { asksForCode, findVerifierCall, type PamLine } from './pam-line.ts'
import type { PamAnswers } from './pam-run.ts'
import { moduleOf } from './pam-stack.ts'

/** Modules that take what is typed for the login password. */
const PASSWORD_MODULES: readonly string[] = [
  'pam_unix.so',
  'pam_sss.so',
  'pam_ldap.so',
  'pam_krb5.so',
  'pam_winbind.so',
]
/** Modules that always answer the same, to whoever is not root already. */
const CONSTANT: Readonly<Record<string, readonly PamReturn[]>> = {
  'pam_permit.so': ['success'],
  'pam_rootok.so': ['auth_err'],
  'pam_deny.so': ['auth_err', 'acct_expired'],
}
/** Modules that say yes, and have proven nothing. */
const NEUTRAL: readonly string[] = [
  'pam_echo.so',
  'pam_env.so',
  'pam_faildelay.so',
  'pam_faillock.so',
  'pam_group.so',
  'pam_nologin.so',
  'pam_cap.so',
]
/** pam_exec never answers these, whatever its program does. */
const NEVER_OF_EXEC: readonly PamReturn[] = ['success', 'new_authtok_reqd', 'ignore']
const EXEC_FAILURES = PAM_RETURNS.filter((each) => !NEVER_OF_EXEC.includes(each))
const FAILURES = PAM_RETURNS.filter((each) => each !== 'success')

/** The verifier fails, in whatever way; other modules may answer anything. */
export const WITHOUT_VERIFIER: PamAnswers = (line) =>
  findVerifierCall(line) === undefined ? (CONSTANT[moduleOf(line)] ?? PAM_RETURNS) : EXEC_FAILURES

/** Nothing is proven: yes comes from the lines alone that look whether the password is asked for. */
export const NOTHING_PROVEN: PamAnswers = (line) => {
  const call = findVerifierCall(line)
  if (call !== undefined) {
    const isYes = ['--first-factor-missing', '--outside-group'].some((word) =>
      call.args.includes(word),
    )
    return isYes ? ['success'] : EXEC_FAILURES
  }
  if (NEUTRAL.includes(moduleOf(line))) return ['success', 'ignore']
  return CONSTANT[moduleOf(line)] ?? FAILURES
}

/** A right code, and nothing excused; other modules have nothing against it. */
export const RIGHT_CODE: PamAnswers = (line) => {
  if (isCodeLine(line)) return ['success']
  if (findVerifierCall(line) !== undefined) return ['system_err']
  const answer = CONSTANT[moduleOf(line)]?.[0] ?? 'success'
  return [answer]
}

/** Whether the line judges the code. */
export function isCodeLine(line: PamLine): boolean {
  const call = findVerifierCall(line)
  return call !== undefined && line.type === 'auth' && asksForCode(call)
}

/** Whether the module takes what is typed for the password. */
export function takesPassword(line: PamLine): boolean {
  return PASSWORD_MODULES.includes(moduleOf(line))
}
