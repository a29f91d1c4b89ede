import { AppError } from '../base/errors.ts'
import type { LoginMode } from './judge-login.ts'

/** Modes that choose a way through the stack and let nobody in. */
export type Question = 'first-factor-missing' | 'outside-group'

/** What pam_exec's line asks for; see the table of arguments in README.md. */
export type VerifierMode = LoginMode | Question

/** PAM_TYPE of the lines that a mode is for. */
const PHASES: Readonly<Record<VerifierMode, readonly string[]>> = {
  code: ['auth'],
  excused: ['auth'],
  'password-and-code': ['auth'],
  'first-factor-missing': ['auth'],
  'outside-group': ['auth', 'account'],
  account: ['account'],
}

/** Throws ERR_PAM_ENVIRONMENT unless PAM is in a phase that the mode is for. */
export function assertPhase(mode: VerifierMode, type: string | undefined): void {
  const phases = PHASES[mode]
  if (phases.some((phase) => phase === type)) return
  const named = phases.join(' or ')
  throw new AppError('ERR_PAM_ENVIRONMENT', `not run by pam_exec in the ${named} phase`)
}
