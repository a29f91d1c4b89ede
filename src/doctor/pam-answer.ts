import { PAM_RETURNS, type PamReturn } from './pam-control.ts'
import type { PamLine } from './pam-line.ts'
import { answersOf } from './pam-module.ts'
import type { PamAnswers } from './pam-run.ts'
import { moduleOf } from './pam-stack.ts'
import { asksForCode, findVerifierCall, type VerifierCall } from './verifier-call.ts'

/** Modules that take what is typed for the login password. */
const PASSWORD_MODULES: readonly string[] = [
  'pam_unix.so',
  'pam_sss.so',
  'pam_ldap.so',
  'pam_krb5.so',
  'pam_winbind.so',
]
/** They, and others that say yes to nobody who has not proven something. */
const PROOFS: readonly string[] = [
  ...PASSWORD_MODULES,
  'pam_systemd_home.so',
  'pam_radius_auth.so',
  'pam_fprintd.so',
  'pam_u2f.so',
  'pam_pkcs11.so',
]
/** pam_exec never answers these where its program fails. */
const NEVER_OF_FAILURE: readonly PamReturn[] = ['success', 'new_authtok_reqd', 'ignore']
const EXEC_FAILURES = PAM_RETURNS.filter((each) => !NEVER_OF_FAILURE.includes(each))
const FAILURES = PAM_RETURNS.filter((each) => each !== 'success')

/** The verifier fails, in whatever way. */
export function withoutVerifier(service: string): PamAnswers {
  return (line) => (findVerifierCall(line) === undefined ? answersOf(line, service) : EXEC_FAILURES)
}

/**
 * Nothing is proven: of ours, yes comes from the lines alone that look whether the password is asked for.
 * `others`: whether a module of which nothing is known may say yes.
 */
export function nothingProven(service: string, others: 'may-grant' | 'fail'): PamAnswers {
  return (line) => {
    const call = findVerifierCall(line)
    if (call !== undefined) return isSkipping(call) ? ['success'] : EXEC_FAILURES
    if (PROOFS.includes(moduleOf(line))) return FAILURES
    const answers = answersOf(line, service)
    return others === 'fail' && answers === PAM_RETURNS ? FAILURES : answers
  }
}

/** A right code, and nothing excused: `others` are the answers of modules that may answer anything. */
export function rightCode(service: string, others: readonly PamReturn[]): PamAnswers {
  return (line) => {
    const call = findVerifierCall(line)
    if (call !== undefined) return isGranting(line, call) ? ['success'] : ['system_err']
    const answers = answersOf(line, service)
    const wanted = answers.filter((answer) => others.includes(answer))
    return wanted.length > 0 ? wanted : answers
  }
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

function isSkipping({ mode }: VerifierCall): boolean {
  return mode === 'first-factor-missing' || mode === 'outside-group'
}

function isGranting(line: PamLine, { mode }: VerifierCall): boolean {
  return isCodeLine(line) || (line.type === 'account' && mode === 'account')
}
