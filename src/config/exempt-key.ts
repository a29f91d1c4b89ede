import {
  formatIpNetwork,
  type IpNetwork,
  parseIpAddress,
  parseIpNetwork,
} from '../base/ip-network.ts'
import { RESERVED_RULES } from '../domain/excuse.ts'
import type { Exemption } from '../domain/exemption.ts'
import { flag, listOf, pamService, type Rule, text, textAs } from './rule.ts'

/** One key of an `[[exempt]]` rule. `T`: what the rule holds where the key is there. */
interface ExemptKey<T> {
  /** As the file spells it. */
  readonly name: string
  readonly rule: Rule<T>
}

type ExemptKeys = {
  readonly [F in keyof Required<Exemption>]: ExemptKey<NonNullable<Exemption[F]>>
}

const MOST_VALUES = 256

/** Also what a record, a log line and a shell can show without quotes around anything odd. */
const RULE_NAME = /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9])?$/
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

const person = text('the name of a user, as getent passwd shows it', isHostName)
const group = text('the name of a group, as getent group shows it', isHostName)

/** The keys of `[[exempt]]`, in the order in which `config show` writes them. */
export const EXEMPT_KEYS: ExemptKeys = {
  name: {
    name: 'name',
    rule: text(
      `1 to 64 letters, digits, dots, hyphens, underscores and blanks between them, and none of ${RESERVED_RULES.join(', ')}`,
      (value) => RULE_NAME.test(value) && !RESERVED_RULES.some((reserved) => reserved === value),
    ),
  },
  users: { name: 'users', rule: valuesOf(person) },
  groups: { name: 'groups', rule: valuesOf(group) },
  networks: { name: 'networks', rule: valuesOf(network()) },
  services: { name: 'services', rule: valuesOf(pamService()) },
  keys: { name: 'keys', rule: valuesOf(fingerprint()) },
  keyTypes: {
    name: 'key_types',
    rule: valuesOf(
      text('a type of key, such as "sk-ssh-ed25519@openssh.com"', (value) =>
        /^[a-z0-9][a-z0-9@.-]{0,63}$/.test(value),
      ),
    ),
  },
  exceptUsers: { name: 'except_users', rule: valuesOf(person) },
  exceptGroups: { name: 'except_groups', rule: valuesOf(group) },
  isEmergency: { name: 'emergency', rule: flag() },
}

/** Beside `key_types`: people can put a software "security key" into their own authorized_keys. */
export const TRUST_KEY_TYPES: ExemptKey<boolean> = { name: 'trust_key_types', rule: flag() }

/** Every key there is, as the file spells them. */
export const EXEMPT_KEY_NAMES: readonly string[] = [
  ...Object.values(EXEMPT_KEYS).map(({ name }) => name),
  TRUST_KEY_TYPES.name,
]

/** An empty list looks like "no condition" to one reader and like "nobody" to the next. */
function valuesOf<T>(item: Rule<T>): Rule<readonly T[]> {
  return listOf(item, MOST_VALUES, 1)
}

/** Directories have names with blanks, backslashes and capitals; only passwd(5) sets bounds. */
function isHostName(value: string): boolean {
  return /^[^\p{C}:,]{1,256}$/u.test(value) && value.trim() === value
}

function network(): Rule<IpNetwork> {
  return textAs({
    allowed: 'an IP address or a network such as "10.0.0.0/8" or "2001:db8::/32"',
    parse: parseIpNetwork,
    write: formatIpNetwork,
    adviseOn: (value) =>
      hasHostBits(value)
        ? 'bits behind the prefix are set: write 10.0.0.0/8 rather than 10.1.2.3/8'
        : undefined,
  })
}

/** Of what is no network: an address with a length of a prefix that could be one. */
function hasHostBits(value: string): boolean {
  const [, address = '', length] = /^([^/%]+)\/(\d{1,3})$/.exec(value) ?? []
  const longest = address.includes(':') ? 128 : 32
  return parseIpAddress(address) !== undefined && Number(length) <= longest
}

function fingerprint(): Rule<string> {
  const print = 'print it with: ssh-keygen -l -E sha256 -f KEY.pub'
  return textAs({
    allowed: 'a fingerprint: SHA256: and 43 characters of base64',
    parse: (value) => (FINGERPRINT.test(value) ? value : undefined),
    write: (value) => value,
    adviseOn: (value) => {
      if (/^(?:MD5:)?(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/i.test(value)) {
        return `that is a fingerprint by MD5, which can be forged; ${print}`
      }
      return /\bAAAA/.test(value) ? `that is a whole key, not its fingerprint; ${print}` : undefined
    },
  })
}
