import { type IpNetwork, isInNetwork } from '../base/ip-network.ts'
import type { LoginFacts } from './login.ts'

/**
 * One `[[exempt]]` rule: who needs no code. Every field that is there has to match, by any of its
 * values; the exceptions must not.
 */
export interface Exemption {
  readonly name: string
  readonly users?: readonly string[]
  readonly groups?: readonly string[]
  readonly networks?: readonly IpNetwork[]
  /** PAM services. */
  readonly services?: readonly string[]
  /** Fingerprints, `SHA256:...`, of keys that somebody has vetted. */
  readonly keys?: readonly string[]
  /** Types of keys, where whoever runs the host trusts people's own authorized_keys. */
  readonly keyTypes?: readonly string[]
  readonly exceptUsers: readonly string[]
  readonly exceptGroups: readonly string[]
  /** Holds also where the store cannot be read. */
  readonly isEmergency: boolean
}

/** The first rule that covers this login. */
export function findExemption(
  exemptions: readonly Exemption[],
  facts: LoginFacts,
): Exemption | undefined {
  return exemptions.find((exemption) => isExempt(exemption, facts))
}

/** Groups whose members a login has to be looked up in. */
export function groupsOf(exemptions: readonly Exemption[]): readonly string[] {
  const named = exemptions.flatMap(({ groups, exceptGroups }) => [
    ...(groups ?? []),
    ...exceptGroups,
  ])
  return [...new Set(named)]
}

function isExempt(exemption: Exemption, facts: LoginFacts): boolean {
  return !isExcepted(exemption, facts) && meetsAll(exemption, facts)
}

/** A typing error in the name of a group, or a directory that is down, must not open the rule. */
function isExcepted({ exceptUsers, exceptGroups }: Exemption, facts: LoginFacts): boolean {
  const excepting = [...facts.groups, ...facts.missingGroups]
  return exceptUsers.includes(facts.name) || exceptGroups.some((group) => excepting.includes(group))
}

/** A rule without a condition is refused in the configuration; here it would match nobody. */
function meetsAll(exemption: Exemption, facts: LoginFacts): boolean {
  const { users, groups, networks, services, keys, keyTypes } = exemption
  const { address, firstFactor } = facts
  const conditions = [
    users?.includes(facts.name),
    groups?.some((group) => facts.groups.includes(group)),
    networks?.some((network) => address !== undefined && isInNetwork(address, network)),
    services?.includes(facts.service),
    keys?.some((key) => key === firstFactor?.fingerprint),
    keyTypes?.some((type) => type === firstFactor?.keyType),
  ].filter((condition) => condition !== undefined)
  return conditions.length > 0 && conditions.every((isMet) => isMet)
}
