import type { Exemption } from '../domain/exemption.ts'
import { EXEMPT_KEYS, TRUST_KEY_TYPES } from './exempt-key.ts'
import type { Rule } from './rule.ts'

/** One line of an `[[exempt]]` rule. `toml`: text that is JSON as well. */
export interface ExemptEntry {
  readonly name: string
  readonly toml: string
}

/** What the file has to say for this rule; nothing for a key that means nothing here. */
export function listExemptEntries(exemption: Exemption): readonly ExemptEntry[] {
  const { keyTypes, exceptUsers, exceptGroups, isEmergency } = exemption
  const keys = EXEMPT_KEYS
  return [
    ...entryOf(keys.name, exemption.name),
    ...entryOf(keys.users, exemption.users),
    ...entryOf(keys.groups, exemption.groups),
    ...entryOf(keys.networks, exemption.networks),
    ...entryOf(keys.services, exemption.services),
    ...entryOf(keys.keys, exemption.keys),
    ...entryOf(keys.keyTypes, keyTypes),
    ...entryOf(TRUST_KEY_TYPES, keyTypes === undefined ? undefined : true),
    ...entryOf(keys.exceptUsers, exceptUsers.length > 0 ? exceptUsers : undefined),
    ...entryOf(keys.exceptGroups, exceptGroups.length > 0 ? exceptGroups : undefined),
    ...entryOf(keys.isEmergency, isEmergency ? true : undefined),
  ]
}

function entryOf<T>(
  { name, rule }: { readonly name: string; readonly rule: Rule<T> },
  value: T | undefined,
): readonly ExemptEntry[] {
  return value === undefined ? [] : [{ name, toml: rule.write(value) }]
}
