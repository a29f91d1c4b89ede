import type { Exemption } from '../domain/exemption.ts'
import type { Config, Settings } from './config.ts'
import { listExemptEntries } from './exempt-entry.ts'
import { EXEMPT } from './exempt-value.ts'
import { type ConfigKey, listConfigKeys } from './key-table.ts'

/** TOML text with every key and what it is, then the rules; `parseConfig` reads it back as the same. */
export function renderConfig({ exemptions, ...settings }: Config): string {
  return [...renderTables(settings), ...exemptions.map(renderRule)].join('\n')
}

function renderTables(config: Settings): readonly string[] {
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config
  const tables = Map.groupBy(listConfigKeys(), (key) => key.section)
  return [...tables].map(([section, keys]) => {
    const entries = keys.map((key) => renderKey(key, values[section]?.[key.field]))
    return `[${section}]\n${entries.join('')}`
  })
}

/** A condition that is not set is left out: there is no value that would mean the same. */
function renderRule(exemption: Exemption): string {
  const entries = listExemptEntries(exemption).map(({ name, toml }) => `${name} = ${toml}\n`)
  return `# No code is needed where every line that is here matches.\n[[${EXEMPT}]]\n${entries.join('')}`
}

/** The same values as `config show --json` gives them: by the names and in the notation of the file. */
export function toSettings({ exemptions, ...config }: Config): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config
  const settings: Record<string, Record<string, unknown>> = {}
  for (const { section, field, name, rule } of listConfigKeys()) {
    const value = values[section]?.[field]
    // A TOML string, integer or array of strings, as the rules write them, is JSON as well.
    const shown: unknown = value === undefined ? null : JSON.parse(rule.write(value))
    settings[section] = { ...settings[section], [name]: shown }
  }
  const rules = exemptions.map((exemption) =>
    Object.fromEntries(
      listExemptEntries(exemption).map(({ name, toml }) => [name, JSON.parse(toml)]),
    ),
  )
  return { ...settings, [EXEMPT]: rules }
}

/** A value that is not set stands as a comment, since TOML has no word for nothing. */
function renderKey(key: ConfigKey, value: unknown): string {
  const entry =
    value === undefined
      ? `#${key.name} = ${key.rule.write(key.example)}`
      : `${key.name} = ${key.rule.write(value)}`
  return `# ${key.about}\n# allowed: ${key.rule.allowed}\n${entry}\n`
}
