import { AppError } from '../../base/errors.ts'
import {
  formatIpNetwork,
  type IpNetwork,
  isInNetwork,
  parseIpAddress,
  parseIpNetwork,
} from '../../base/ip-network.ts'
import type { Exemption } from '../../domain/exemption.ts'

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
  return `# Written by "otpgate setup ssh"; "otpgate setup revert" takes it back.
# A way in for when otpgate itself is broken: its key in a safe, from this network only.
# It needs the rule of otpgate.toml that excuses the same, with "emergency = true".

Match User ${user} Address ${network}
    AuthenticationMethods publickey
`
}

/** `USER@NETWORK`. Throws ERR_USAGE. */
export function parseBreakGlass(text: string): BreakGlass {
  const [, user, network] =
    /^([A-Za-z0-9_][A-Za-z0-9_.-]*)@([0-9A-Fa-f.:]+(?:\/\d+)?)$/.exec(text) ?? []
  if (user !== undefined && network !== undefined && parseIpNetwork(network) !== undefined) {
    return { user, network }
  }
  throw new AppError('ERR_USAGE', '--break-glass is not USER@NETWORK', {
    hint: 'such as rescue@192.0.2.0/28',
  })
}

/**
 * Throws ERR_REFUSED unless a rule excuses this login also where the database cannot be read: sshd would
 * let it in by its key, and PAM's account line would turn it away. `service`: sshd's, of PAM.
 */
export function assertGlassExcused(
  glass: BreakGlass,
  exemptions: readonly Exemption[],
  service: string,
): void {
  if (exemptions.some((rule) => excuses(rule, glass, service))) return
  const { user, network } = glass
  const rule = `users = ["${user}"], networks = ["${network}"], emergency = true`
  throw new AppError('ERR_REFUSED', `no rule of otpgate.toml excuses ${user} from ${network}`, {
    hint: `add an [[exempt]] rule with a name and: ${rule}`,
  })
}

/** A rule that asks for more, such as one key, may not hold: nobody can tell before it has to. */
function excuses(rule: Exemption, { user, network }: BreakGlass, service: string): boolean {
  const { isEmergency, users, networks, services, exceptUsers } = rule
  const wanted = parseIpNetwork(network)
  const asksForMore = rule.groups ?? rule.keys ?? rule.keyTypes
  if (!isEmergency || asksForMore !== undefined || rule.exceptGroups.length > 0) return false
  if (services?.includes(service) === false || exceptUsers.includes(user)) return false
  if (users?.includes(user) !== true) return false
  return networks?.some((each) => wanted !== undefined && covers(each, wanted)) === true
}

function covers(large: IpNetwork, small: IpNetwork): boolean {
  const [base = ''] = formatIpNetwork(small).split('/')
  const address = parseIpAddress(base)
  return large.bits <= small.bits && address !== undefined && isInNetwork(address, large)
}
