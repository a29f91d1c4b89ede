import { stablePartOf } from '../base/ip-network.ts'
import type { UnixSeconds } from '../base/time.ts'
import { formatFirstFactor } from './first-factor.ts'
import type { LoginFacts } from './login.ts'

/** Where a person has logged in from with a code, and by which first factor. */
export interface KnownSource extends SourceKey {
  readonly lastSuccessAt: UnixSeconds
  /** When the code was given that logins from here are remembered for; `undefined`: revoked. */
  readonly rememberedAt: UnixSeconds | undefined
}

/** What makes two logins come from the same source. */
export interface SourceKey {
  /** An IPv4 address, or the /64 of an IPv6 address: hosts change the rest of it at will. */
  readonly network: string
  /** As records show it: `publickey SHA256:...`, or `password`. */
  readonly firstFactor: string
}

/** The newest so many are kept for each account. */
export const KNOWN_SOURCES = 20

/** The source of a login; `undefined` where it is no SSH login, or shows no address or first factor. */
export function findSourceKey(
  facts: Pick<LoginFacts, 'isSsh' | 'address' | 'firstFactor'>,
): SourceKey | undefined {
  const { isSsh, address, firstFactor } = facts
  if (!isSsh || address === undefined || firstFactor === undefined) return undefined
  return { network: stablePartOf(address), firstFactor: formatFirstFactor(firstFactor) }
}

/** What is stored about the source of this login. */
export function findSource(
  sources: readonly KnownSource[],
  facts: Pick<LoginFacts, 'isSsh' | 'address' | 'firstFactor'>,
): KnownSource | undefined {
  const key = findSourceKey(facts)
  return sources.find(
    ({ network, firstFactor }) => network === key?.network && firstFactor === key.firstFactor,
  )
}

/** Whether `at` lies within the last `duration` seconds; a time of the future does not. */
export function isWithin(at: UnixSeconds | undefined, duration: number, now: UnixSeconds): boolean {
  return at !== undefined && at <= now && now - at < duration
}
