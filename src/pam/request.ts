import type { LoginRequest } from '../app/gather-facts.ts'
import { AppError } from '../base/errors.ts'
import { parseFirstFactor } from '../domain/first-factor.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import type { VerifierArguments, VerifierMode } from './arguments.ts'

/** PAM_TYPE of the lines that a mode is for. */
const PHASES: Readonly<Record<VerifierMode, readonly string[]>> = {
  code: ['auth'],
  excused: ['auth'],
  'password-and-code': ['auth'],
  'first-factor-missing': ['auth'],
  'outside-group': ['auth', 'account'],
  account: ['account'],
}

/** Throws ERR_PAM_ENVIRONMENT unless PAM says who logs in where, in the phase the line is for. */
export function toRequest(
  environment: PamEnvironment,
  { mode, attempt }: Pick<VerifierArguments, 'mode' | 'attempt'>,
): LoginRequest {
  const { user, service, type, tty, remoteHost, sshConnection, sshAuthInfo } = environment
  const phases = PHASES[mode]
  if (user === undefined || service === undefined || !phases.some((phase) => phase === type)) {
    const named = phases.join(' or ')
    throw new AppError('ERR_PAM_ENVIRONMENT', `not run by pam_exec in the ${named} phase`)
  }
  const firstFactor = parseFirstFactor(sshAuthInfo)
  return { user, service, tty, remoteHost, sshConnection, firstFactor, attempt }
}
