/** RFC 4226 appendix D: HOTP with SHA-1 and six digits, under this ASCII key. */
export const HOTP_KEY = '12345678901234567890'

/** Counter and code, in the order of the RFC's table. */
export const HOTP_VECTORS = [
  { counter: 0, code: '755224' },
  { counter: 1, code: '287082' },
  { counter: 2, code: '359152' },
  { counter: 3, code: '969429' },
  { counter: 4, code: '338314' },
  { counter: 5, code: '254676' },
  { counter: 6, code: '287922' },
  { counter: 7, code: '162583' },
  { counter: 8, code: '399871' },
  { counter: 9, code: '520489' },
] as const
