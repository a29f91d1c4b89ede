import { stablePartOf } from '../base/ip-network.ts'
import { addSeconds, DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
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

/** fe80::/10 (RFC 4291 section 2.5.6). Without the link all neighbours on all links look alike. */
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/

/**
 * The source of a login; `undefined` where it is no SSH login, shows no first factor, or no address
 * that tells hosts apart.
 */
export function findSourceKey(
  facts: Pick<LoginFacts, 'isSsh' | 'address' | 'firstFactor'>,
): SourceKey | undefined {
  const { isSsh, address, firstFactor } = facts
  if (!isSsh || address === undefined || firstFactor === undefined) return undefined
  if (LINK_LOCAL.test(address)) return undefined
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

/**
 * Until when logins from the source need no code; `undefined`: they need one. `lastLoginAt` tells how
 * far the clock has come: set back to before it, nothing is remembered until that time comes again.
 * Of a time in which nobody logged in here nothing is known: set back within it, the clock prolongs
 * what is remembered.
 */
export function rememberedUntil(
  source: KnownSource | undefined,
  lastLoginAt: UnixSeconds | undefined,
  rememberSeconds: number,
  now: UnixSeconds,
): UnixSeconds | undefined {
  const at = source?.rememberedAt
  if (at === undefined || !isWithin(at, rememberSeconds, now)) return undefined
  return lastLoginAt !== undefined && lastLoginAt > now
    ? undefined
    : addSeconds(at, rememberSeconds)
}

/** How long a source counts as known after a right code from there. */
export const KNOWN_SOURCE_SECONDS = 30 * DAY_SECONDS

/** Until when the source is known; `undefined`: no more, or not before a time that is to come. */
export function knownUntil(
  source: KnownSource | undefined,
  now: UnixSeconds,
): UnixSeconds | undefined {
  const at = source?.lastSuccessAt
  if (at === undefined || !isWithin(at, KNOWN_SOURCE_SECONDS, now)) return undefined
  return addSeconds(at, KNOWN_SOURCE_SECONDS)
}

/** Whether `at` lies within the last `duration` seconds; a time of the future does not. */
function isWithin(at: UnixSeconds, duration: number, now: UnixSeconds): boolean {
  return at <= now && now - at < duration
}
