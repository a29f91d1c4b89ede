/**
 * RFC 6238 appendix B. Its text names one key for all, but the codes of its table come from keys as
 * long as the hash, 20, 32 and 64 bytes of the same digits, as in the code of appendix A.
 */
export const TOTP_KEYS = {
  SHA1: '12345678901234567890',
  SHA256: '12345678901234567890123456789012',
  SHA512: '1234567890123456789012345678901234567890123456789012345678901234',
} as const

/** Eight digits, 30 s steps, T0 = 0: Unix time and code. */
export const TOTP_VECTORS = [
  { time: 59, algorithm: 'SHA1', code: '94287082' },
  { time: 59, algorithm: 'SHA256', code: '46119246' },
  { time: 59, algorithm: 'SHA512', code: '90693936' },
  { time: 1111111109, algorithm: 'SHA1', code: '07081804' },
  { time: 1111111109, algorithm: 'SHA256', code: '68084774' },
  { time: 1111111109, algorithm: 'SHA512', code: '25091201' },
  { time: 1111111111, algorithm: 'SHA1', code: '14050471' },
  { time: 1111111111, algorithm: 'SHA256', code: '67062674' },
  { time: 1111111111, algorithm: 'SHA512', code: '99943326' },
  { time: 1234567890, algorithm: 'SHA1', code: '89005924' },
  { time: 1234567890, algorithm: 'SHA256', code: '91819424' },
  { time: 1234567890, algorithm: 'SHA512', code: '93441116' },
  { time: 2000000000, algorithm: 'SHA1', code: '69279037' },
  { time: 2000000000, algorithm: 'SHA256', code: '90698825' },
  { time: 2000000000, algorithm: 'SHA512', code: '38618901' },
  { time: 20000000000, algorithm: 'SHA1', code: '65353130' },
  { time: 20000000000, algorithm: 'SHA256', code: '77737706' },
  { time: 20000000000, algorithm: 'SHA512', code: '47863826' },
] as const
