import { describe, expect, test } from 'vitest'
import { parseAnswer, parseTypedCode } from '../../src/domain/answer.ts'

const parse = (text: string) => parseAnswer(Buffer.from(text))
const unusable = (reason: string) => ({ kind: 'unusable', reason })
const code = (digits: string) => ({ kind: 'code', code: digits })

/** What sshd answers in place of a user it refuses anyway (OpenSSH, auth-pam.c). */
const JUNK = '\b\n\r\x7fINCORRECT'

describe('a code', () => {
  test.each([
    { typed: '123456', digits: '123456' },
    { typed: '1234567', digits: '1234567' },
    { typed: '12345678', digits: '12345678' },
    { typed: '000000', digits: '000000' },
    { typed: '123 456', digits: '123456' },
    { typed: '123-456', digits: '123456' },
    { typed: '1234 5678', digits: '12345678' },
    { typed: '1 23456', digits: '123456' },
    { typed: '12345-6', digits: '123456' },
    { typed: '  123456  ', digits: '123456' },
    { typed: '\t123 456\r\n', digits: '123456' },
  ])('is read from $typed', ({ typed, digits }) => {
    expect(parse(typed)).toEqual(code(digits))
  })

  test('may end with one NUL, which older Linux-PAM writes', () => {
    expect(parse('123456\0')).toEqual(code('123456'))
    expect(parse('123456\0\0')).toEqual(unusable('not-a-code'))
    expect(parse('123\u012e')).toEqual(unusable('not-a-code'))
    expect(parse('\u14e56')).toEqual(unusable('not-a-code'))
  })

  test.each([
    '12345',
    '123456789',
    '0001234567',
    '+12345',
    '+123456',
    '-123456',
    '1e5',
    '1e5000',
    '123.456',
    '123,456',
    '0x1234',
    '12 34 56',
    '12-34-56',
    '123  456',
    '123 -456',
    '123- 456',
    '123\t456',
    '123\n456',
    '123456-',
    '- 123456',
    '123456 123456',
    '123456\n654321',
    '123456;',
    '12345a',
    'password',
  ])('is not read from %j', (typed) => {
    expect(parse(typed)).toEqual(unusable('not-a-code'))
  })

  test.each([
    { what: 'fullwidth digits', typed: '１２３４５６' },
    { what: 'Arabic digits', typed: '١٢٣٤٥٦' },
    { what: 'one fullwidth digit', typed: '12345６' },
    { what: 'a no-break space', typed: '123\u00a0456' },
    { what: 'a no-break space around it', typed: '\u00a0123456' },
    { what: 'an en dash', typed: '123–456' },
    { what: 'a zero-width space', typed: '123\u200b456' },
    { what: 'a byte order mark', typed: '\ufeff123456' },
    { what: 'a dotless i in a one-time code', typed: '00ı0-0000-0000-0000' },
  ])('has no $what', ({ typed }) => {
    expect(parse(typed)).toEqual(unusable('not-a-code'))
  })

  test('has no byte beyond ASCII, also where it would be a blank in Latin-1', () => {
    expect(parseAnswer(Buffer.from('\xa0123456', 'latin1'))).toEqual(unusable('not-a-code'))
    expect(parseAnswer(Buffer.from('123456\x85', 'latin1'))).toEqual(unusable('not-a-code'))
  })
})

describe('an answer', () => {
  test.each(['', '\0', ' ', '\n', '\r\n', ' \t \n', ' \0'])('of nothing is empty: %j', (typed) => {
    expect(parse(typed)).toEqual(unusable('empty'))
  })

  test('of 511 bytes and more has lost its end, whatever it begins with', () => {
    const padded = (length: number) => parse('123456'.padEnd(length, ' '))
    expect(padded(510)).toEqual(code('123456'))
    expect(padded(511)).toEqual(unusable('truncated'))
    expect(padded(512)).toEqual(unusable('truncated'))
    expect(parse('123456'.padEnd(511, '\0'))).toEqual(unusable('truncated'))
    expect(parseAnswer(Buffer.alloc(512))).toEqual(unusable('truncated'))
  })

  test('of sshd itself, as long as what was typed, is no guess at any length', () => {
    const junk = JUNK.repeat(40)
    for (let length = 1; length < 511; length++) {
      expect(parse(junk.slice(0, length)), `${length}`).toEqual(unusable('refused-by-sshd'))
    }
    expect(parse(`${JUNK}\0`)).toEqual(unusable('refused-by-sshd'))
  })

  test('that only looks like sshd is an ordinary one', () => {
    expect(parse('INCORRECT')).toEqual(unusable('not-a-code'))
    expect(parse(`${JUNK}!`)).toEqual(unusable('not-a-code'))
    expect(parse('\b123456')).toEqual(unusable('not-a-code'))
    expect(parse('\n123456')).toEqual(code('123456'))
  })

  test('that is not used leaves nothing of itself in the result', () => {
    expect(JSON.stringify(parse('correct horse'))).not.toContain('horse')
  })
})

describe('a one-time code', () => {
  const parts = { selector: '01AB', secret: 'CDEF01GH01JK' }
  test.each([
    '01AB-CDEF-01GH-01JK',
    '01ABCDEF01GH01JK',
    '01ab-cdef-01gh-01jk',
    'OIab cdef oLgh 0ijk',
    ' 01AB CDEF-01GH 01JK\n',
    '0-1-A-B-C-D-E-F-0-1-G-H-0-1-J-K',
    '01AB--CDEF  01GH - 01JK',
    '01AB-CDEF-01GH-01JK\0',
  ])('is folded: %j', (typed) => {
    expect(parse(typed)).toEqual({ kind: 'one-time-code', parts })
  })

  test('may be sixteen digits, which no authenticator shows', () => {
    const digits = { selector: '1234', secret: '567890123456' }
    expect(parse('1234567890123456')).toEqual({ kind: 'one-time-code', parts: digits })
    expect(parse('1234-5678-9012-3456')).toEqual({ kind: 'one-time-code', parts: digits })
  })

  test.each([
    '01AB-CDEF-01GH-01J',
    '01AB-CDEF-01GH-01JKM',
    '01AB-CDEF-01GH-01JU',
    '01AB_CDEF_01GH_01JK',
    '01AB.CDEF.01GH.01JK',
  ])('is not read from %j', (typed) => {
    expect(parse(typed)).toEqual(unusable('not-a-code'))
  })
})

test('text typed at another prompt is read by the same grammar', () => {
  expect(parseTypedCode('123 456')).toEqual(code('123456'))
  expect(parseTypedCode('１２３４５６')).toEqual(unusable('not-a-code'))
  expect(parseTypedCode('  ')).toEqual(unusable('empty'))
})
