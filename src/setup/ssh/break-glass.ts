/** A way in for when otpgate itself is broken: one account, by its key alone, from one network. */
export interface BreakGlass {
  readonly user: string
  /** An address, or a network with its length of prefix. */
  readonly network: string
}

/** It sorts behind the recipe's drop-in: a `Match` block wins over what is said for everybody. */
export const BREAK_GLASS_NAME = '10-otpgate-break-glass.conf'

/** The drop-in for sshd. The rule in otpgate.toml that goes with it is the admin's to write. */
export function renderBreakGlass({ user, network }: BreakGlass): string {
  return `# A way in for when otpgate itself is broken: its key in a safe, from this network only.
# It needs the rule of otpgate.toml that excuses the same, with "emergency = true".

Match User ${user} Address ${network}
    AuthenticationMethods publickey
`
}
