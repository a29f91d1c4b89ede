import { join, resolve } from 'node:path'
import { fileIdentity, isThere, readShippedFile } from '../host/path.ts'

/** The path that the shipped recipes name. */
const RECIPE_VERIFIER = '/usr/lib/otpgate/otpgate-verify'

/** What this installation has lying beside the program. */
export interface ProgramFiles {
  /** Lines for pam.d, with the verifier's path of this installation. */
  readonly pamRecipe: string
  readonly sshdConfig: string
  /** A commented otpgate.toml in which every key stands at its default. */
  readonly config: string
}

/**
 * Reads the shipped examples below `root`;
 * `verifierArguments` go behind the verifier's path.
 */
export function readProgramFiles(root: string, verifierArguments: string): ProgramFiles {
  const example = (name: string) => readShippedFile(join(root, 'examples', name))
  const verifier = `${findVerifier(root)}${verifierArguments}`
  return {
    pamRecipe: example('pam.d/otpgate-key-then-code').replaceAll(RECIPE_VERIFIER, verifier),
    sshdConfig: example('sshd_config.d/00-otpgate.conf'),
    config: example('otpgate.toml'),
  }
}

/**
 * Installed, the verifier lies at the root. pam.d names it by the link beside that, which bin/tree keeps:
 * the next installation has a root of its own. In a checkout the verifier lies in bin/.
 */
function findVerifier(root: string): string {
  const installed = resolve(root, 'otpgate-verify')
  if (!isThere(installed)) return resolve(root, 'bin', 'otpgate-verify')
  const linked = resolve(root, '..', 'otpgate', 'otpgate-verify')
  return fileIdentity(linked) === fileIdentity(installed) ? linked : installed
}
