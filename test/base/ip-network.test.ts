import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../../src/base/ip-network.ts'

describe('an IP address', () => {
  test.each([
    { text: '192.0.2.7', address: '192.0.2.7' },
    { text: '2001:DB8::1', address: '2001:db8::1' },
    { text: 'fe80::1%eth0', address: 'fe80::1' },
    { text: '::ffff:192.0.2.7', address: '192.0.2.7' },
    { text: '::FFFF:192.0.2.7', address: '192.0.2.7' },
  ])('is read from $text', ({ text, address }) => {
    expect(parseIpAddress(text)).toBe(address)
  })

  test.each([
    '',
    'localhost',
    'UNKNOWN',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.07',
    '0x7f.1',
    '3221225991',
    '::ffff:192.0.2.256',
    '192.0.2.7/32',
    '192.0.2.7\n',
    '10.0.0.1.evil.example',
    '2001:db8::g',
  ])('is never made of %j', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})
