import { isIP } from 'node:net'

declare const address: unique symbol
/** A numeric IPv4 or IPv6 address, without zone, never a name. */
export type IpAddress = string & { readonly [address]: true }

const V4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * A numeric address, or `undefined` for a name or junk: names are never resolved, since whoever owns
 * the reverse zone would choose the answer. A v4-mapped IPv6 address is given as its IPv4 address
 * (RFC 4291 section 2.5.5.2), which is what sshd shows on a dual-stack socket.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.replace(/%.*$/s, '')
  const plain = V4_MAPPED.exec(bare)?.[1] ?? bare
  return isIP(plain) === 0 ? undefined : (plain.toLowerCase() as IpAddress)
}
