declare const address: unique symbol
/** A numeric IPv4 or IPv6 address, without zone, never a name. */
export type IpAddress = string & { readonly [address]: true }

const V4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const V4_PART = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const V4 = new RegExp(`^${V4_PART}(?:\\.${V4_PART}){3}$`)
const V6_CHARACTERS = /^[0-9a-f:.]+$/i

/**
 * A numeric address, or `undefined` for a name or junk: names are never resolved, since whoever owns
 * the reverse zone would choose the answer. A v4-mapped IPv6 address is given as its IPv4 address
 * (RFC 4291 section 2.5.5.2), which is what sshd shows on a dual-stack socket. By the URL parser that
 * Node has loaded anyway: node:net would be the dearest module of a login.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.replace(/%.*$/s, '')
  const plain = V4_MAPPED.exec(bare)?.[1] ?? bare
  const isAddress =
    V4.test(plain) || (V6_CHARACTERS.test(plain) && URL.canParse(`http://[${plain}]/`))
  return isAddress ? (plain.toLowerCase() as IpAddress) : undefined
}
