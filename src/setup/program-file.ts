import { join, resolve } from 'node:path'
import { isThere, lastingName, readShippedFile } from '../host/path.ts'

/** The path that the shipped recipes name. */
export const RECIPE_VERIFIER = '/usr/lib/otpgate/otpgate-verify'

/** Of the directory of every installation, whatever its version. */
export const PROGRAM_NAME = 'otpgate'

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

/** The verifier of this installation: it lies at its root, in a checkout in bin/. */
export function findVerifier(directory: string): string {
  const root = lastingName(directory, PROGRAM_NAME)
  const installed = resolve(root, 'otpgate-verify')
  return isThere(installed) ? installed : resolve(root, 'bin', 'otpgate-verify')
}

/** What stands behind the verifier's path in pam.d, where the configuration is not the usual one. */
export function verifierArgumentsFor(configPath: string, usualPath: string): string {
  return configPath === usualPath ? '' : ` --config ${quoteForPam(configPath)}`
}

/** pam.conf(5): an argument with blanks stands in square brackets. */
function quoteForPam(path: string): string {
  return /[\s[\]]/.test(path) ? `[${path.replaceAll(']', '\\]')}]` : path
}
