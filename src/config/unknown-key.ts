import { toPrintable } from '../base/text.ts'
import type { Complaint } from './config-value.ts'
import { EXEMPT_KEY_NAMES } from './exempt-key.ts'
import { EXEMPT } from './exempt-value.ts'
import type { ConfigKey } from './key-table.ts'
import { findNearestWord } from './nearest-word.ts'
import { isTomlTable, type TomlTable } from './toml.ts'

/** Every table, and every key in a known table, that does not exist; the rules see to theirs. */
export function findUnknownKeys(
  document: TomlTable,
  keys: readonly ConfigKey[],
): readonly Complaint[] {
  const sections = new Set(keys.map((key) => key.section))
  return Object.entries(document).flatMap(([section, value]) => {
    if (section === EXEMPT) return []
    if (!sections.has(section)) return [unknownAtTop(section, value, keys, [...sections])]
    if (!isTomlTable(value)) return [notATable(section)]
    const known = new Set(keys.map((key) => key.path))
    return Object.keys(value)
      .filter((name) => !known.has(`${section}.${name}`))
      .map((name) => unknownInSection(section, name, keys))
  })
}

function unknownAtTop(
  name: string,
  value: unknown,
  keys: readonly ConfigKey[],
  sections: readonly string[],
): Complaint {
  const tables = [...sections, EXEMPT]
  const isTable = [value].flat().every(isTomlTable)
  const near = isTable ? findNearestWord(name, tables) : findHome(name, keys)
  return {
    path: [name],
    message: `there is no ${isTable ? 'table' : 'key'} ${toPrintable(name)}`,
    hint: near === undefined ? `tables: ${tables.join(', ')}` : `did you mean ${near}?`,
  }
}

function notATable(section: string): Complaint {
  return {
    path: [section],
    message: `${section} is not a table`,
    hint: `write [${section}] once, on a line of its own, and its keys below`,
  }
}

function unknownInSection(section: string, name: string, keys: readonly ConfigKey[]): Complaint {
  const names = keys.filter((key) => key.section === section).map((key) => key.name)
  const near = findNearestWord(name, names)
  const meant = near === undefined ? findHome(name, keys) : `${section}.${near}`
  return {
    path: [section, name],
    message: `there is no key ${toPrintable(`${section}.${name}`)}`,
    hint:
      meant === undefined ? `keys of [${section}]: ${names.join(', ')}` : `did you mean ${meant}?`,
  }
}

/** The full path of a key that stands under the wrong table, or under none. */
function findHome(name: string, keys: readonly ConfigKey[]): string | undefined {
  const isExempt = EXEMPT_KEY_NAMES.includes(name)
  return keys.find((key) => key.name === name)?.path ?? (isExempt ? `${EXEMPT}.${name}` : undefined)
}
