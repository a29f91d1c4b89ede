import type { LoginRequest } from '../app/gather-facts.ts'
import { assertPhase } from '../app/verifier-mode.ts'
import { AppError } from '../base/errors.ts'
import { parseFirstFactor } from '../domain/first-factor.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import type { VerifierArguments } from './arguments.ts'

/** Throws ERR_PAM_ENVIRONMENT unless PAM says who logs in where, in the phase the line is for. */
export function toRequest(
  environment: PamEnvironment,
  { mode, attempt }: Pick<VerifierArguments, 'mode' | 'attempt'>,
): LoginRequest {
  const { user, service, type, tty, remoteHost, sshConnection, sshAuthInfo } = environment
  assertPhase(mode, type)
  if (user === undefined || service === undefined) {
    throw new AppError('ERR_PAM_ENVIRONMENT', 'not run by pam_exec: nobody is named')
  }
  const firstFactor = parseFirstFactor(sshAuthInfo)
  return { user, service, tty, remoteHost, sshConnection, firstFactor, attempt }
}
