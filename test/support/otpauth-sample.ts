/** otpauth URIs to show: the shortest, a usual one, one of percent sequences, one of 1,000 characters. */
export const OTPAUTH_SAMPLES: readonly string[] = [
  'otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ',
  'otpauth://totp/bastion.example.org:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' +
    '&issuer=bastion.example.org&algorithm=SHA1&digits=6&period=30',
  'otpauth://hotp/B%C3%BCro%20%26%20Co%3A:z%C3%B6e%40example.org' +
    '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=B%C3%BCro%20%26%20Co%3A&counter=0&digits=8',
  'otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQ&issuer='.padEnd(1000, '%E2%82%AC'),
]
