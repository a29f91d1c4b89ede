import { toPrintable } from '../base/text.ts'
import type { Exemption } from '../domain/exemption.ts'
import type { Complaint } from './config-value.ts'
import { EXEMPT_KEY_NAMES, EXEMPT_KEYS, TRUST_KEY_TYPES } from './exempt-key.ts'
import { findNearestWord } from './nearest-word.ts'
import type { Rule } from './rule.ts'
import { isTomlTable, type TomlTable } from './toml.ts'

/** Name of the array of tables in the file. */
export const EXEMPT = 'exempt'

/** The rules that could be read, and everything that is wrong with any of them. */
export interface ExemptValues {
  readonly exemptions: readonly Exemption[]
  readonly complaints: readonly Complaint[]
}

/** Reads all `[[exempt]]` rules of the document; none where it has none. */
export function parseExemptions(document: TomlTable): ExemptValues {
  const raw = document[EXEMPT]
  if (raw === undefined) return { exemptions: [], complaints: [] }
  if (!Array.isArray(raw) || !raw.every(isTomlTable)) {
    const hint = `write [[${EXEMPT}]] in double brackets, once for each rule, and its keys below`
    const message = `${EXEMPT} is not a list of rules`
    return { exemptions: [], complaints: [{ path: [EXEMPT], message, hint }] }
  }
  const complaints: Complaint[] = []
  const exemptions = raw.map((table, index) =>
    parseRule(table, (name, message, hint) => {
      const path = [EXEMPT, String(index), ...(name === undefined ? [] : [name])]
      complaints.push({ path, message, hint })
    }),
  )
  complaints.push(...findRepeatedNames(exemptions))
  return { exemptions, complaints }
}

/** Notes what is wrong with the key of this name, or with the rule as a whole. */
type Complain = (name: string | undefined, message: string, hint: string) => void

function parseRule(table: TomlTable, complain: Complain): Exemption {
  for (const name of Object.keys(table)) {
    if (!EXEMPT_KEY_NAMES.includes(name)) complainOfUnknown(name, complain)
  }
  const read = <T>({ name, rule }: { readonly name: string; readonly rule: Rule<T> }) =>
    readValue(table[name], name, rule, complain)
  const { keyTypes, ...keys } = EXEMPT_KEYS
  const exemption: Exemption = {
    name: read(keys.name) ?? '',
    ...present('users', read(keys.users)),
    ...present('groups', read(keys.groups)),
    ...present('networks', read(keys.networks)),
    ...present('services', read(keys.services)),
    ...present('keys', read(keys.keys)),
    ...present('keyTypes', read(keyTypes)),
    exceptUsers: read(keys.exceptUsers) ?? [],
    exceptGroups: read(keys.exceptGroups) ?? [],
    isEmergency: read(keys.isEmergency) ?? false,
  }
  const isTrusting = read(TRUST_KEY_TYPES) ?? false
  complainOfRule(table, isTrusting, complain)
  return exemption
}

function readValue<T>(
  raw: unknown,
  name: string,
  rule: Rule<T>,
  complain: Complain,
): T | undefined {
  if (raw === undefined) return undefined
  const reading = rule.read(raw)
  if (reading.outcome === 'value') return reading.value
  complain(name, `${EXEMPT}.${name} ${reading.fault}`, reading.advice ?? `allowed: ${rule.allowed}`)
  return undefined
}

/** A field that is not there is no condition. */
function present<K extends string, T>(field: K, value: T | undefined): { readonly [P in K]?: T } {
  const fields: { [P in K]?: T } = {}
  if (value !== undefined) fields[field] = value
  return fields
}

const CONDITIONS = ['users', 'groups', 'networks', 'services', 'keys', 'keyTypes'] as const

/** What is wrong with keys that are good each on its own. Not said of a rule with worse in it. */
function complainOfRule(table: TomlTable, isTrusting: boolean, complain: Complain): void {
  const { name, keyTypes } = EXEMPT_KEYS
  if (table[name.name] === undefined) {
    complain(
      undefined,
      `an ${EXEMPT} rule has no name`,
      'every login that it lets in is recorded under it: name = "..."',
    )
  }
  const conditions = CONDITIONS.map((field) => EXEMPT_KEYS[field].name)
  const hasCondition = conditions.some((condition) => table[condition] !== undefined)
  if (!hasCondition) {
    complain(
      undefined,
      `an ${EXEMPT} rule has no condition`,
      `it would let everybody in without a code: add one of ${conditions.join(', ')}`,
    )
  }
  if (table[keyTypes.name] !== undefined && !isTrusting) {
    complain(
      keyTypes.name,
      `${EXEMPT}.${keyTypes.name} stands without ${TRUST_KEY_TYPES.name} = true`,
      'people can put a software "security key" into their own authorized_keys: better list fingerprints in keys',
    )
  }
  if (hasCondition && isTrusting && table[keyTypes.name] === undefined) {
    complain(
      TRUST_KEY_TYPES.name,
      `${EXEMPT}.${TRUST_KEY_TYPES.name} stands without ${keyTypes.name}`,
      `it trusts nothing by itself: add ${keyTypes.name}, or leave it out`,
    )
  }
}

function complainOfUnknown(name: string, complain: Complain): void {
  const near = findNearestWord(name, EXEMPT_KEY_NAMES)
  const hint =
    near === undefined
      ? `keys of [[${EXEMPT}]]: ${EXEMPT_KEY_NAMES.join(', ')}`
      : `did you mean ${EXEMPT}.${near}?`
  complain(name, `there is no key ${toPrintable(`${EXEMPT}.${name}`)}`, hint)
}

/** Records tell rules apart by nothing but their names. */
function findRepeatedNames(exemptions: readonly Exemption[]): readonly Complaint[] {
  return exemptions.flatMap(({ name }, index) => {
    const isRepeated = name !== '' && exemptions.findIndex((other) => other.name === name) < index
    if (!isRepeated) return []
    const path = [EXEMPT, String(index), EXEMPT_KEYS.name.name]
    return [
      {
        path,
        message: `${EXEMPT}.name is that of a rule above`,
        hint: 'give each rule a name of its own',
      },
    ]
  })
}
