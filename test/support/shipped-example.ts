import { readFileSync } from 'node:fs'

const EXAMPLES = new URL('../../examples/', import.meta.url)

/** Where the recipes say the verifier is. */
const INSTALLED_VERIFIER = '/usr/lib/otpgate/otpgate-verify'

/**
 * What Debian's /etc/pam.d/sshd says besides authentication, where it matters to a login. Left out
 * are greetings and what a container cannot do (loginuid, SELinux, systemd's sessions).
 */
const DISTRIBUTION_LINES = `
account required pam_nologin.so
@include common-account
session optional pam_keyinit.so force revoke
@include common-session-noninteractive
session required pam_limits.so
session required pam_env.so
`

/** The text of a file under examples/, such as `sshd_config.d/00-otpgate.conf`. */
export function readExample(path: string): string {
  return readFileSync(new URL(path, EXAMPLES), 'utf8')
}

/**
 * A recipe of examples/pam.d as a whole sshd service: its verifier replaced by this command (the
 * program's absolute path and arguments), the distribution's account and session lines behind it.
 * Throws where the recipe never names the verifier: such a test would test nothing.
 */
export function fillPamRecipe(recipe: string, verifier: readonly string[]): string {
  if (!recipe.includes(INSTALLED_VERIFIER)) throw new Error('the recipe names no verifier')
  return (
    recipe.replaceAll(INSTALLED_VERIFIER, verifier.map(quotePam).join(' ')) + DISTRIBUTION_LINES
  )
}

/** pam.conf(5): an argument with blanks stands in square brackets. */
function quotePam(argument: string): string {
  return /\s/.test(argument) ? `[${argument.replaceAll(']', '\\]')}]` : argument
}
