/** RFC 4648 section 10, base32: ASCII text and its encoding, with the padding that we leave out. */
export const BASE32_VECTORS = [
  { text: '', padded: '' },
  { text: 'f', padded: 'MY======' },
  { text: 'fo', padded: 'MZXQ====' },
  { text: 'foo', padded: 'MZXW6===' },
  { text: 'foob', padded: 'MZXW6YQ=' },
  { text: 'fooba', padded: 'MZXW6YTB' },
  { text: 'foobar', padded: 'MZXW6YTBOI======' },
] as const
