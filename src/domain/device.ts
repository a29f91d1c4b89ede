import type { UnixSeconds } from '../base/time.ts'

/** HMAC hash of RFC 6238 section 1.2, as the otpauth URI spells it. */
export type OtpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512'
export type OtpDigits = 6 | 7 | 8

export const SHORTEST_PERIOD_SECONDS = 15
export const LONGEST_PERIOD_SECONDS = 120

/** RFC 4226 section 4 R6: the shared secret has at least 128 bits and should have 160. */
export const SHORTEST_SECRET_BYTES = 16
export const NEW_SECRET_BYTES = 20
/** Longer ones gain nothing: HMAC-SHA512 has blocks of 128 bytes. */
export const LONGEST_SECRET_BYTES = 128

/** How a number becomes a code (RFC 4226 section 5.3), whatever is counted. */
export interface CodeShape {
  readonly algorithm: OtpAlgorithm
  readonly digits: OtpDigits
}

/** Codes that follow the clock (RFC 6238). */
export interface TotpParameters extends CodeShape {
  readonly kind: 'totp'
  readonly periodSeconds: number
}

/** Codes that follow a counter, one a press of the button (RFC 4226). */
export interface HotpParameters extends CodeShape {
  readonly kind: 'hotp'
}

/** What both sides must agree on to compute the same code. Each device keeps its own. */
export type OtpParameters = TotpParameters | HotpParameters

/**
 * What never changes about a device. It is bound into the sealed secret: a parameter that was damaged
 * would make right codes wrong, and nothing else would show it.
 */
export type BoundDevice = OtpParameters & {
  /** 32 lower-case hex digits. */
  readonly id: string
}

/** What every device has, whatever its codes follow. Its secret is sealed; only a `Vault` opens it. */
interface AnyDevice {
  /** 32 lower-case hex digits. */
  readonly id: string
  /** What the person calls it; unique within the account. */
  readonly label: string
  readonly sealedSecret: Buffer
  /** Id of the key that sealed the secret. */
  readonly keyId: string
  /**
   * The newest time step, or counter, whose code was accepted; a login only ever moves it forward
   * (RFC 6238 section 5.2, RFC 4226 section 7.2).
   */
  readonly lastAcceptedStep: number | undefined
  readonly createdAt: UnixSeconds
  /** When a code of this device first proved that it works. */
  readonly confirmedAt: UnixSeconds | undefined
  /** Enrolled with `--no-confirm`: counts at login, and the first accepted code confirms it. */
  readonly countsUnconfirmed: boolean
  readonly lastUsedAt: UnixSeconds | undefined
}

export interface TotpDevice extends AnyDevice, TotpParameters {
  /** By how much its clock has been seen to be ahead (positive) or behind; 0 where nothing is known. */
  readonly driftSeconds: number
}

export interface HotpDevice extends AnyDevice, HotpParameters {}

/** One authenticator of one person. */
export type Device = TotpDevice | HotpDevice

/** The first counter whose code has not been used: what a device that counts should show next. */
export function nextCounter({ lastAcceptedStep }: Pick<HotpDevice, 'lastAcceptedStep'>): number {
  return (lastAcceptedStep ?? -1) + 1
}

/** Whether a login may be proven with this device. */
export function isUsable(device: Device): boolean {
  return device.confirmedAt !== undefined || device.countsUnconfirmed
}
