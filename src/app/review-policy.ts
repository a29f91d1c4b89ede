import { plural, toPrintable } from '../base/text.ts'
import { usableDevices } from '../domain/account.ts'
import { CODES_PER_ATTEMPT, countRightCodes } from '../domain/device-match.ts'
import type { AccountName } from '../domain/name.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import type { Register } from './ports.ts'
import { reviewExemption } from './review-exemption.ts'
import { type PolicyWarning, type ReviewPorts, reviewService } from './review-name.ts'

export type { PolicyWarning }

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
