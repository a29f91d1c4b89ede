import { plural, toPrintable } from '../base/text.ts'
import { usableDevices } from '../domain/account.ts'
import { CODES_PER_ATTEMPT, countRightCodes } from '../domain/device-match.ts'
import type { Exemption } from '../domain/exemption.ts'
import type { AccountName } from '../domain/name.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import type { Passwd, Register } from './ports.ts'

/** Something that is allowed, and probably not what was meant. */
export interface PolicyWarning {
  /** Keys of the configuration from the top of the file. */
  readonly path: readonly string[]
  /** Lower case, no full stop. */
  readonly message: string
  readonly hint: string
}

export interface ReviewPorts {
  readonly passwd: Passwd
  readonly hasPamService: (name: string) => boolean
}

/** What the host does not have of what the policy names, and which doors stand open by it. */
export function reviewPolicy(
  ports: ReviewPorts,
  { login }: Pick<VerifyPolicy, 'login'>,
): readonly PolicyWarning[] {
  return [
    ...reviewUnenrolled(login.unenrolled),
    ...login.codeAlone.flatMap((service) => reviewCodeAlone(ports, service)),
    ...login.exemptions.flatMap((exemption, index) =>
      reviewExemption(ports, exemption).map((warning) => ({
        ...warning,
        path: ['exempt', String(index), ...warning.path],
      })),
    ),
  ]
}

/**
 * People whose devices together would accept more codes in one attempt than any may. Their window is
 * narrowed at a login, so this costs them tolerance, not safety.
 */
export async function reviewDevices(
  register: Register,
  { window }: Pick<VerifyPolicy, 'window'>,
): Promise<readonly PolicyWarning[]> {
  const warnings: PolicyWarning[] = []
  for await (const name of namesWithDevices(register)) {
    const devices = usableDevices(await register.find(name))
    const count = countRightCodes(devices, window)
    if (count <= CODES_PER_ATTEMPT) continue
    warnings.push({
      path: ['totp', 'window'],
      message: `${toPrintable(name)} has ${plural(devices.length, 'device')} that accept ${count} codes in one attempt`,
      hint: `more than ${CODES_PER_ATTEMPT} make guessing easy, so logins use a smaller window: lower totp.window, or remove a device`,
    })
  }
  return warnings
}

const PAGE = 1000

/** One device alone never accepts too many. */
async function* namesWithDevices(register: Register): AsyncGenerator<AccountName> {
  let last: AccountName | undefined
  do {
    const page = await register.page(last, PAGE)
    last = page.at(-1)?.account.name
    for (const { account, devices } of page) if (devices.length > 1) yield account.name
  } while (last !== undefined)
}

function reviewUnenrolled(unenrolled: 'deny' | 'allow'): readonly PolicyWarning[] {
  if (unenrolled === 'deny') return []
  return [
    {
      path: ['policy', 'unenrolled'],
      message: 'people otpgate has never known get in without a code',
      hint: 'set it back to "deny" as soon as everybody is enrolled; invite and waive are for single people',
    },
  ]
}

function reviewCodeAlone({ hasPamService }: ReviewPorts, service: string) {
  const path = ['policy', 'code_alone']
  const message = `in ${service} a code may be the only factor of an SSH login`
  const hint = 'whoever sees the phone then needs nothing else: is that meant?'
  return [{ path, message, hint }, ...reviewService(hasPamService, service, path)]
}

function reviewService(
  hasPamService: ReviewPorts['hasPamService'],
  service: string,
  path: readonly string[],
): readonly PolicyWarning[] {
  if (hasPamService(service)) return []
  const message = `there is no PAM service ${service}`
  return [{ path, message, hint: 'see: ls /etc/pam.d' }]
}

function reviewExemption(ports: ReviewPorts, exemption: Exemption): readonly PolicyWarning[] {
  const { users = [], groups = [], services = [], exceptUsers, exceptGroups } = exemption
  const about = (warning: PolicyWarning) => ({
    ...warning,
    message: `${exemption.name}: ${warning.message}`,
  })
  return [
    ...users.flatMap((user) => reviewUser(ports, user, ['users'])),
    ...exceptUsers.flatMap((user) => reviewUser(ports, user, ['except_users'])),
    ...groups.flatMap((group) => reviewGroup(ports, group, ['groups'])),
    ...exceptGroups.flatMap((group) => reviewGroup(ports, group, ['except_groups'])),
    ...services.flatMap((name) => reviewService(ports.hasPamService, name, ['services'])),
    ...reviewOverlap(exemption),
    ...reviewEmergency(exemption),
  ].map(about)
}

function reviewUser({ passwd }: ReviewPorts, user: string, path: readonly string[]) {
  const found = passwd.findByName(user)?.name
  if (found === user) return []
  const message =
    found === undefined
      ? `there is no user ${toPrintable(user)}`
      : `the user ${toPrintable(user)} is called ${toPrintable(found)} here`
  return [{ path, message, hint: `see: getent passwd ${toPrintable(user)}` }]
}

function reviewGroup({ passwd }: ReviewPorts, group: string, path: readonly string[]) {
  if (passwd.findGroupMembers(group) !== undefined) return []
  const message = `there is no group ${toPrintable(group)}`
  const effect = path.includes('except_groups') ? 'until there is, the rule excuses nobody; ' : ''
  return [{ path, message, hint: `${effect}see: getent group ${toPrintable(group)}` }]
}

/** Everybody whom the rule names is taken out of it again. */
function reviewOverlap(exemption: Exemption): readonly PolicyWarning[] {
  const { users, groups, exceptUsers, exceptGroups } = exemption
  const isEmpty =
    users?.every((user) => exceptUsers.includes(user)) ||
    groups?.every((group) => exceptGroups.includes(group))
  if (!isEmpty) return []
  return [{ path: [], message: 'the exceptions leave nobody', hint: 'the rule excuses no login' }]
}

function reviewEmergency({ isEmergency, users, networks }: Exemption): readonly PolicyWarning[] {
  if (!isEmergency || users !== undefined || networks !== undefined) return []
  return [
    {
      path: ['emergency'],
      message: 'an emergency rule without users or networks',
      hint: 'where the database is gone, it is all that stands behind the first factor: name both',
    },
  ]
}
