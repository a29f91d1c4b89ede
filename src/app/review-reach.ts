import { formatIpNetwork, type IpNetwork } from '../base/ip-network.ts'
import { plural } from '../base/text.ts'
import type { Exemption } from '../domain/exemption.ts'
import type { PolicyWarning } from './review-name.ts'

/** The widest networks that anybody has for themselves: 10.0.0.0/8 and fc00::/7. */
const WIDEST_BITS = { ipv4: 96 + 8, ipv6: 7 } as const
/** In the recipes of these there is no line that asks for an excuse. */
const WITHOUT_EXCUSES = [
  'sudo',
  'sudo-i',
  'su',
  'su-l',
  'runuser',
  'runuser-l',
  'login',
  'polkit-1',
]
/** Types of keys that live in a device (PROTOCOL.u2f of OpenSSH). */
const SECURITY_KEY = /^sk-/
/** 256 bits in 43 characters of base64 leave two bits of the last one 0 (RFC 4648 section 4). */
const WHOLE_HASH = /[AEIMQUYcgkosw048]$/

/** Rules that let in nearly everybody, or more than was probably meant. */
export function reviewReach(exemption: Exemption): readonly PolicyWarning[] {
  return [
    ...(exemption.networks ?? []).flatMap(reviewNetwork),
    ...reviewServicesAlone(exemption),
    ...reviewKeyTypes(exemption),
    ...reviewEmergency(exemption),
  ]
}

/** Conditions that nobody can meet. */
export function reviewEffect({ services = [], keys = [] }: Exemption): readonly PolicyWarning[] {
  const odd = keys.filter((key) => !WHOLE_HASH.test(key)).length
  return [
    ...services
      .filter((service) => WITHOUT_EXCUSES.includes(service))
      .map((service) => ({
        path: ['services'],
        message: `${service} asks for a code whatever a rule says`,
        hint: 'exemptions are for logins by SSH, such as by sshd',
      })),
    ...(odd === 0
      ? []
      : [
          {
            path: ['keys'],
            message: `${plural(odd, 'fingerprint')} that no key can have`,
            hint: 'the last character is mistyped: print it with ssh-keygen -l -E sha256 -f KEY.pub',
          },
        ]),
  ]
}

function reviewNetwork(network: IpNetwork): readonly PolicyWarning[] {
  const shown = formatIpNetwork(network)
  const widest = shown.includes(':') ? WIDEST_BITS.ipv6 : WIDEST_BITS.ipv4
  if (network.bits >= widest) return []
  return [
    {
      path: ['networks'],
      message: `${shown} is the internet, or much of it`,
      hint: 'name the networks that are yours; where the address does not matter leave the key out',
    },
  ]
}

function reviewServicesAlone(exemption: Exemption): readonly PolicyWarning[] {
  const { users, groups, networks, services, keys, keyTypes } = exemption
  const others = [users, groups, networks, keys, keyTypes]
  if (services === undefined || others.some((condition) => condition !== undefined)) return []
  return [
    {
      path: ['services'],
      message: 'nothing but services: from anywhere, nobody is asked for a code there',
      hint: 'name users, groups, networks or keys as well',
    },
  ]
}

function reviewKeyTypes({ keyTypes = [] }: Exemption): readonly PolicyWarning[] {
  return keyTypes
    .filter((type) => !SECURITY_KEY.test(type))
    .map((type) => ({
      path: ['key_types'],
      message: `${type} is the type of any key in a file`,
      hint: 'only sk- types are those of security keys; single keys go into keys, by fingerprint',
    }))
}

/** A rule by the first factor alone, while nothing else can be asked. */
function reviewEmergency(exemption: Exemption): readonly PolicyWarning[] {
  const { isEmergency, users, groups, networks } = exemption
  const missing = [
    ...(users === undefined && groups === undefined ? ['users'] : []),
    ...(networks === undefined ? ['networks'] : []),
  ]
  if (!isEmergency || missing.length === 0) return []
  return [
    {
      path: ['emergency'],
      message: `an emergency rule without ${missing.join(' or ')}`,
      hint: 'where the database is gone, it is all that stands behind the first factor: name both',
    },
  ]
}
