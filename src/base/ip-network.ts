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

/** A block of addresses, as `10.0.0.0/8` names one. IPv4 lies in ::ffff:0:0/96 here. */
export interface IpNetwork {
  readonly bytes: Buffer
  /** Length of the prefix, of 128. */
  readonly bits: number
}

const V4_OFFSET_BITS = 96
/** The twelve bytes in front of an IPv4 address, in hex. */
const V4_MAPPED_PREFIX = '00000000000000000000ffff'

/**
 * An address, or a block in CIDR notation (RFC 4632, RFC 4291 section 2.3). `undefined` for anything
 * else, also where bits are set behind the prefix: `10.1.2.3/8` is a typing error more often than not.
 */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [, plain = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parseIpAddress(plain)
  if (address === undefined) return undefined
  const offset = V4.test(address) && V4.test(plain) ? V4_OFFSET_BITS : 0
  const bits = length === undefined ? 128 : Number(length) + offset
  const bytes = toBytes(address)
  const isNetwork = bits <= 128 && bytes.equals(withPrefix(bytes, bits))
  return isNetwork ? { bytes, bits } : undefined
}

/** `parseIpNetwork` reads it back as the same; a whole address stands without a prefix. */
export function formatIpNetwork({ bytes, bits }: IpNetwork): string {
  const isV4 = bits >= V4_OFFSET_BITS && bytes.toString('hex', 0, 12) === V4_MAPPED_PREFIX
  if (isV4) {
    const address = [...bytes.subarray(12)].join('.')
    return bits === 128 ? address : `${address}/${bits - V4_OFFSET_BITS}`
  }
  const groups = bytes.toString('hex').match(/.{4}/g) ?? []
  const address = new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
  return bits === 128 ? address : `${address}/${bits}`
}

/** Whether the address lies in the block. */
export function isInNetwork(address: IpAddress, { bytes, bits }: IpNetwork): boolean {
  return withPrefix(toBytes(address), bits).equals(bytes)
}

/** What of an address stays the same from one login to the next: IPv4 all of it, IPv6 its /64. */
export function stablePartOf(address: IpAddress): string {
  if (V4.test(address)) return address
  const groups = toBytes(address).toString('hex', 0, 8).match(/.{4}/g) ?? []
  return `${groups.map((group) => group.replace(/^0{1,3}/, '')).join(':')}::/64`
}

/** Sixteen bytes; IPv4 as its v4-mapped IPv6 address. */
function toBytes(address: IpAddress): Buffer {
  const text = V4.test(address) ? `::ffff:${address}` : address
  // The URL parser writes the dotted part as two groups and compresses in one way only (RFC 5952).
  const bare = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = tail === undefined ? before : [...before, ...gap, ...after]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function withPrefix(bytes: Buffer, bits: number): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte & maskAt(bits - 8 * index)))
}

/** The mask of one byte of which the first `bits` count. */
function maskAt(bits: number): number {
  return 0xff & ~(0xff >> Math.max(0, Math.min(8, bits)))
}
