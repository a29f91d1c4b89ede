import { EXEMPT_KEYS, TRUST_KEY_TYPES } from '../config/exempt-key.ts'
import { EXEMPT } from '../config/exempt-value.ts'
import { type ConfigKey, listConfigKeys } from '../config/key-table.ts'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { type Block, type Entry, entries, type Page, paragraph } from './page.ts'

/** What each key of a rule matches; what it may hold stands in the table of keys itself. */
const EXEMPT_WORDS: Readonly<Record<keyof typeof EXEMPT_KEYS, string>> = {
  name: 'what the rule is called in the log and the audit; needed',
  users: 'these people',
  groups: 'members of these groups, primary or not, from every source of nsswitch.conf',
  networks: 'logins from these addresses; a name is never resolved',
  services: 'logins by way of these PAM services',
  keys: 'logins whose key sshd has accepted, by its fingerprint; see `ssh-keygen -l`',
  keyTypes: 'logins with a key of these types, only beside `trust_key_types`',
  exceptUsers: 'but not these people',
  exceptGroups: 'but not members of these groups',
  isEmergency: 'whether the rule holds also where key or database cannot be used',
}

/** `otpgate.toml`(5), from the table of keys. */
export function configPage(): Page {
  return {
    name: 'otpgate.toml',
    section: 5,
    about: 'configuration of otpgate',
    sections: [
      { title: 'SYNOPSIS', blocks: [paragraph(`\`${DEFAULT_CONFIG_PATH}\``)] },
      { title: 'DESCRIPTION', blocks: DESCRIPTION.map(paragraph) },
      { title: 'KEYS', blocks: describeTables() },
      { title: 'EXEMPTIONS', blocks: describeExempt() },
      { title: 'EXAMPLES', blocks: [{ kind: 'example', lines: EXAMPLE }] },
    ],
  }
}

const DESCRIPTION = [
  'The file is TOML, belongs to root, and nobody else can write to it. Each key has a default, and a file that is missing means all of them.',
  'A mistake denies every login: a key that is not known, a value of the wrong type or out of its range. So run `otpgate config check` before you close your own session; it names the line. `otpgate config show` prints every key with what is in force.',
  'A duration is a whole number and `s`, `m`, `h` or `d`, in quotation marks.',
]

const EXAMPLE = [
  '[totp]',
  'issuer = "bastion.example.org"',
  '',
  `[[${EXEMPT}]]`,
  'name = "office"',
  'networks = ["10.0.0.0/8", "2001:db8::/32"]',
  'except_groups = ["wheel"]',
]

function describeTables(): readonly Block[] {
  const tables = Map.groupBy(listConfigKeys(), ({ section }) => section)
  return [...tables].flatMap(([section, keys]) => [
    { kind: 'heading', title: `[${section}]` },
    entries(keys.map(describeKey)),
  ])
}

function describeKey({ name, about, rule, standard, example }: ConfigKey): Entry {
  const shown =
    standard === undefined
      ? `Not set by default; such as ${rule.write(example)}`
      : `Default: ${rule.write(standard)}`
  return { term: `\`${name}\``, about: `${about}. Allowed: ${rule.allowed}. ${shown}` }
}

function describeExempt(): readonly Block[] {
  const words: Readonly<Record<string, string>> = EXEMPT_WORDS
  const keys = Object.entries(EXEMPT_KEYS).map(([field, { name, rule }]) => ({
    term: `\`${name}\``,
    about: `${words[field]}. Allowed: ${rule.allowed}`,
  }))
  const { name, rule } = TRUST_KEY_TYPES
  const trust = `say that you trust what a key calls itself. Allowed: ${rule.allowed}`
  return [
    paragraph(
      `Each table \`[[${EXEMPT}]]\` is a rule by which no code is needed. Every condition that is there has to match, by any of its values; the exceptions must not. The first rule that matches counts, and each use is recorded under its name.`,
    ),
    entries([...keys, { term: `\`${name}\``, about: trust }]),
  ]
}
