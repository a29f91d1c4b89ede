import { encodeBase32, RFC4648_ALPHABET } from '../base/base32.ts'
import type { OtpParameters } from './device.ts'

/** The secret as people type it into an app: base32 without padding (RFC 4648 section 6). */
export function toSecretBase32(secret: Buffer): string {
  return encodeBase32(secret, RFC4648_ALPHABET)
}

/**
 * The key URI that authenticator apps scan. Every parameter is spelled out, also where it has the
 * usual value: apps disagree about defaults. Percent-encoded by RFC 3986, blanks as %20, since apps
 * show a `+` as it is. `counter`: the first one that a device which counts has not used.
 */
export function toOtpauthUri(
  secret: Buffer,
  parameters: OtpParameters,
  owner: { readonly issuer: string; readonly account: string },
  counter = 0,
): string {
  const issuer = encodeComponent(owner.issuer)
  const label = `${issuer}:${encodeComponent(owner.account)}`
  const query = [
    `secret=${toSecretBase32(secret)}`,
    `issuer=${issuer}`,
    `algorithm=${parameters.algorithm}`,
    `digits=${parameters.digits}`,
    parameters.kind === 'totp' ? `period=${parameters.periodSeconds}` : `counter=${counter}`,
  ]
  return `otpauth://${parameters.kind}/${label}?${query.join('&')}`
}

/** encodeURIComponent leaves `!'()*` alone, which RFC 3986 reserves. */
function encodeComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
