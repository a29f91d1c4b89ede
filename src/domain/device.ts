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

/** What both sides must agree on to compute the same code. Each device keeps its own. */
export interface OtpParameters {
  readonly algorithm: OtpAlgorithm
  readonly digits: OtpDigits
  readonly periodSeconds: number
}

/**
 * What never changes about a device. It is bound into the sealed secret: a parameter that was damaged
 * would make right codes wrong, and nothing else would show it.
 */
export interface BoundDevice extends OtpParameters {
  /** 32 lower-case hex digits. */
  readonly id: string
  readonly kind: 'totp'
}

/** One authenticator of one person. Its secret is sealed; only a `Vault` opens it. */
export interface Device extends BoundDevice {
  /** What the person calls it; unique within the account. */
  readonly label: string
  readonly sealedSecret: Buffer
  /** Id of the key that sealed the secret. */
  readonly keyId: string
  /** The newest time step whose code was accepted; only ever moves forward (RFC 6238 section 5.2). */
  readonly lastAcceptedStep: number | undefined
  readonly createdAt: UnixSeconds
  /** When a code of this device first proved that it works. */
  readonly confirmedAt: UnixSeconds | undefined
  /** Enrolled with `--no-confirm`: counts at login, and the first accepted code confirms it. */
  readonly countsUnconfirmed: boolean
  readonly lastUsedAt: UnixSeconds | undefined
}

/** Whether a login may be proven with this device. */
export function isUsable(device: Device): boolean {
  return device.confirmedAt !== undefined || device.countsUnconfirmed
}
