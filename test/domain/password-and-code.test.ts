import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OtpDigits } from '../../src/domain/device.ts'
import { cutAnswer } from '../../src/domain/password-and-code.ts'

function cut(answer: string, lengths: readonly OtpDigits[] = [6]) {
  return cutAnswer(Buffer.from(answer), lengths).map(({ password, code }) => ({
    password: password.toString(),
    code: code.kind === 'code' ? code.code : code.kind,
  }))
}

const RECOVERY = '0123-4567-89AB-CDEF'

describe('a password with a code behind it', () => {
  test.each([
    { answer: 'secret123456', password: 'secret', code: '123456' },
    { answer: 'secret1123456', password: 'secret1', code: '123456' },
    { answer: '999999123456', password: '999999', code: '123456' },
    { answer: 'pass word 123456', password: 'pass word ', code: '123456' },
    { answer: 'geheimnisß123456', password: 'geheimnisß', code: '123456' },
    { answer: `secret${RECOVERY}`, password: 'secret', code: 'one-time-code' },
    { answer: `secret-${RECOVERY}`, password: 'secret-', code: 'one-time-code' },
    { answer: 'secretolil-4567-89ab-cdef', password: 'secret', code: 'one-time-code' },
  ])('is cut: $answer', ({ answer, password, code }) => {
    expect(cut(answer)).toEqual([{ password, code }])
  })

  test('is cut at each length that the person has, the longest first', () => {
    expect(cut('secret12345678', [6, 8, 6, 7])).toEqual([
      { password: 'secret', code: '12345678' },
      { password: 'secret1', code: '2345678' },
      { password: 'secret12', code: '345678' },
    ])
    expect(cut('secret123456', [6, 8])).toEqual([{ password: 'secret', code: '123456' }])
  })

  test.each([
    ['no code', 'secret'],
    ['too few digits', 'secret12345'],
    ['a blank inside', 'secret123 456'],
    ['a blank behind', 'secret123456 '],
    ['digits of another alphabet', 'secret١٢٣٤٥٦'],
    ['no password', '123456'],
    ['no password', RECOVERY],
    ['a recovery code without hyphens', `secret${RECOVERY.replaceAll('-', '')}`],
    ['a recovery code with its hyphens elsewhere', 'secret012-34567-89AB-CDEF'],
    ['a NUL in the password', 'sec\0ret123456'],
    ['a NUL before the code', 'secret\x00123456'],
    ['nothing', ''],
  ])('is none with %s', (_, answer) => {
    expect(cut(answer)).toEqual([])
  })

  test('comes back whole, whatever the password is', () => {
    const password = fc
      .uint8Array({ minLength: 1, maxLength: 400 })
      .filter((all) => !all.includes(0))
    const digits = fc.constantFrom<OtpDigits>(6, 7, 8)
    fc.assert(
      fc.property(password, digits, fc.nat(99_999_999), (bytes, length, number) => {
        const code = String(number).padStart(8, '0').slice(-length)
        const answer = Buffer.concat([bytes, Buffer.from(code)])
        const [first] = cutAnswer(answer, [length])
        expect(first?.password).toEqual(Buffer.from(bytes))
        expect(first?.code).toEqual({ kind: 'code', code })
      }),
    )
  })
})
