import type { Config } from './config.ts'
import { type ConfigKey, listConfigKeys } from './key-table.ts'

/** TOML text with every key and what it is; `parseConfig` reads it back as the same. */
export function renderConfig(config: Config): string {
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config
  const tables = Map.groupBy(listConfigKeys(), (key) => key.section)
  return [...tables]
    .map(([section, keys]) => {
      const entries = keys.map((key) => renderKey(key, values[section]?.[key.field]))
      return `[${section}]\n${entries.join('')}`
    })
    .join('\n')
}

/** A value that is not set stands as a comment, since TOML has no word for nothing. */
function renderKey(key: ConfigKey, value: unknown): string {
  const entry =
    value === undefined
      ? `#${key.name} = ${key.rule.write(key.example)}`
      : `${key.name} = ${key.rule.write(value)}`
  return `# ${key.about}\n# allowed: ${key.rule.allowed}\n${entry}\n`
}
