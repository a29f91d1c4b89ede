import type { Config, Settings } from './config.ts'
import { parseExemptions } from './exempt-value.ts'
import type { ConfigKey } from './key-table.ts'
import type { Fault, Reading } from './rule.ts'
import { isTomlTable, type TomlTable } from './toml.ts'

/** Something wrong with what the file says, before its line is looked up. */
export interface Complaint {
  /** Keys from the top of the file. */
  readonly path: readonly string[]
  /** What is wrong with which key, lower case, no full stop; no value of the file is repeated. */
  readonly message: string
  /** What is allowed, or what was probably meant. */
  readonly hint: string
}

/** The configuration, with its default for each key that is missing or complained about. */
interface ConfigValues {
  readonly config: Config
  readonly complaints: readonly Complaint[]
}

/** Reads every key of the table, and the rules; what else the document has is for `findUnknownKeys`. */
export function parseConfigValues(document: TomlTable, keys: readonly ConfigKey[]): ConfigValues {
  const values: Record<string, Record<string, unknown>> = {}
  const complaints: Complaint[] = []
  for (const key of keys) {
    const reading = readKey(document, key)
    const isRead = reading.outcome === 'value'
    values[key.section] = {
      ...values[key.section],
      [key.field]: isRead ? reading.value : key.standard,
    }
    if (!isRead) complaints.push(complain(key, reading))
  }
  // The table has a row of the right type for every field of Settings, or it would not compile.
  const { exemptions, complaints: ofRules } = parseExemptions(document)
  complaints.push(...ofRules)
  const config: Config = { ...(values as Settings), exemptions }
  return { config, complaints: complaints.length > 0 ? complaints : findConflicts(config) }
}

function readKey(document: TomlTable, key: ConfigKey): Reading<unknown> {
  const table = document[key.section]
  const raw = isTomlTable(table) ? table[key.name] : undefined
  return raw === undefined ? { outcome: 'value', value: key.standard } : key.rule.read(raw)
}

function complain({ section, name, path, rule }: ConfigKey, { fault, advice }: Fault): Complaint {
  const hint = advice ?? `allowed: ${rule.allowed}`
  return { path: [section, name], message: `${path} ${fault}`, hint }
}

/** Values that are good each on its own, and not beside each other. */
function findConflicts({ throttle }: Config): readonly Complaint[] {
  if (throttle.longestWaitSeconds >= throttle.firstWaitSeconds) return []
  return [
    {
      path: ['throttle', 'longest_wait'],
      message: 'throttle.longest_wait is shorter than throttle.first_wait',
      hint: 'waits begin at first_wait and double up to longest_wait: make it the longer one',
    },
  ]
}
