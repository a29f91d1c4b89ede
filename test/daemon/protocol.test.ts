import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatLogRecord } from '../../src/app/log-record.ts'
import { AppError } from '../../src/base/errors.ts'
import { frameLength } from '../../src/daemon/frame.ts'
import { ASK_DIRECT, decodeRequest, encodeAnswer } from '../../src/daemon/protocol.ts'
import { parseAttemptId } from '../../src/domain/attempt.ts'
import { errorCodeOf } from '../support/error-code.ts'
import {
  ATTEMPT,
  type ClientQuestion,
  CODE_QUESTION,
  decodeAnswer,
  encodeEntry,
  encodeQuestion,
  encodeRaw,
} from './client-frame.ts'

const FINGERPRINT = `SHA256:${'a+/Z0'.repeat(8)}abc`
const KEY = { method: 'publickey', keyType: 'ssh-ed25519', fingerprint: FINGERPRINT }
const OTHER_MODES = [
  { mode: 2, name: 'excused' },
  { mode: 3, name: 'account' },
] as const

function attemptId() {
  const attempt = parseAttemptId(ATTEMPT)
  if (attempt === undefined) throw new Error('no attempt')
  return attempt
}

function isRefused(question: ClientQuestion): boolean {
  return errorCodeOf(() => decodeRequest(encodeQuestion(question))) === 'ERR_REFUSED'
}

const text = (limit: number) =>
  fc.string({ unit: 'binary', maxLength: limit }).filter((value) => !value.includes('\0'))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const question = fc.record({
  attempt: fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('hex')),
  configPath: maybe(text(60).map((path) => `/${path}`)),
  user: text(60),
  service: text(20),
  type: text(10),
  tty: maybe(text(20)),
  remoteHost: maybe(text(60)),
  sshConnection: maybe(text(80)),
  firstFactor: maybe(
    fc.record({
      method: fc.constantFrom('publickey', 'password', 'hostbased', 'gssapi-with-mic'),
      keyType: maybe(fc.constantFrom('ssh-ed25519', 'sk-ssh-ed25519@openssh.com', '')),
      fingerprint: maybe(fc.constant(FINGERPRINT)),
    }),
  ),
})

describe('a request', () => {
  test('of every kind arrives as it was sent', () => {
    const modes = fc.oneof(
      fc.uint8Array({ maxLength: 512 }).map((bytes) => ({
        sent: { mode: 1, answer: Buffer.from(bytes) },
        read: { mode: 'code', group: undefined, answer: Buffer.from(bytes) },
      })),
      fc.constantFrom(...OTHER_MODES).map(({ mode, name }) => ({
        sent: { mode },
        read: { mode: name, group: undefined, answer: Buffer.alloc(0) },
      })),
      fc.constant({
        sent: { mode: 4, group: 'wheel' },
        read: { mode: 'outside-group', group: 'wheel', answer: Buffer.alloc(0) },
      }),
    )
    fc.assert(
      fc.property(question, modes, (fields, { sent, read }) => {
        const decoded = decodeRequest(encodeQuestion({ ...fields, ...sent }))
        expect(decoded).toEqual({ ...fields, ...read })
      }),
    )
  })

  test('is understood or refused, whatever comes', () => {
    const valid = encodeQuestion({ ...CODE_QUESTION, firstFactor: KEY, tty: 'ssh' })
    const damaged = fc
      .array(fc.record({ at: fc.nat(valid.length - 1), byte: fc.nat(255) }), { maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(valid)
        for (const { at, byte } of changes) bytes[at] = byte
        return bytes
      })
    const entries = fc.array(
      fc.record({ tag: fc.nat(14), bytes: fc.uint8Array({ maxLength: 20 }) }),
      { maxLength: 14 },
    )
    const anyEntries = fc.record({ mode: fc.nat(6), entries }).map((frame) =>
      encodeRaw(
        frame.mode,
        ATTEMPT,
        frame.entries.map(({ tag, bytes }) => encodeEntry(tag, Buffer.from(bytes))),
      ),
    )
    const garbage = fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(damaged, anyEntries, garbage), (bytes) => {
        try {
          decodeRequest(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('that is cut off at any length is none', () => {
    const whole = encodeQuestion({ ...CODE_QUESTION, firstFactor: KEY })
    for (let length = 0; length < whole.length; length++) {
      const begun = whole.subarray(0, length)
      expect(
        errorCodeOf(() => decodeRequest(begun)),
        `${length} bytes`,
      ).toBe('ERR_REFUSED')
      expect(frameLength(begun)).toBe(length < 8 ? undefined : whole.length)
    }
  })

  test('that is longer than it says is none, also where the rest would fit', () => {
    const whole = encodeQuestion(CODE_QUESTION)
    const said = whole.length - 8 - encodeEntry(12, CODE_QUESTION.answer).length
    for (const bytes of [
      Buffer.concat([whole, Buffer.of(0)]),
      encodeQuestion(CODE_QUESTION, { length: said }),
    ]) {
      expect(errorCodeOf(() => decodeRequest(bytes))).toBe('ERR_REFUSED')
    }
  })

  test.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['one wrong byte', Buffer.from('X')],
    ['version 0', encodeQuestion(CODE_QUESTION, { version: 0 })],
    ['version 2', encodeQuestion(CODE_QUESTION, { version: 2 })],
    ['a length of 4089 and the head', encodeQuestion(CODE_QUESTION, { length: 4089 })],
    ['a length without an attempt', encodeQuestion(CODE_QUESTION, { length: 15 })],
  ])('is seen to be none at its beginning: %s', (_case, bytes) => {
    expect(errorCodeOf(() => frameLength(bytes.subarray(0, 8)))).toBe('ERR_REFUSED')
  })

  test('may fill a frame to its last byte, and no more', () => {
    const room = 4096 - encodeQuestion({ ...CODE_QUESTION, tty: '' }).length
    expect(isRefused({ ...CODE_QUESTION, tty: 'x'.repeat(room) })).toBe(false)
    expect(isRefused({ ...CODE_QUESTION, tty: 'x'.repeat(room + 1) })).toBe(true)
  })

  test.each([
    ['mode 0', { mode: 0 }],
    ['mode 5', { mode: 5 }],
    ['no user', { user: undefined }],
    ['no service', { service: undefined }],
    ['no type', { type: undefined }],
    ['a user that is not UTF-8', { user: Buffer.of(0x61, 0xff) }],
    ['a user with a NUL', { user: 'alice\0' }],
    ['a path that is not absolute', { configPath: 'otpgate.toml' }],
    ['an empty path', { configPath: '' }],
    ['a group with a code', { group: 'wheel' }],
    ['no group to be outside of', { mode: 4, answer: undefined }],
    ['an empty group', { mode: 4, answer: undefined, group: '' }],
    ['an option for a group', { mode: 4, answer: undefined, group: '-x' }],
    ['no answer where a code is judged', { answer: undefined }],
    ['an answer where none is', { mode: 2 }],
    ['an answer of 513 bytes', { answer: 'x'.repeat(513) }],
    ['a key type without a method', { firstFactor: { keyType: 'ssh-rsa' } }],
    ['a fingerprint without a method', { firstFactor: { fingerprint: FINGERPRINT } }],
    ['a method that proves nothing', { firstFactor: { method: 'keyboard-interactive/pam' } }],
    ['a method and a half', { firstFactor: { method: 'publickey x' } }],
    ['two lines of methods', { firstFactor: { method: 'password\npublickey' } }],
    ['an empty method', { firstFactor: { method: '' } }],
    ['a key type with a blank', { firstFactor: { ...KEY, keyType: 'ssh-rsa AAAA' } }],
    ['an MD5 fingerprint', { firstFactor: { ...KEY, fingerprint: 'MD5:00:11' } }],
    ['half a fingerprint', { firstFactor: { ...KEY, fingerprint: 'SHA256:abc' } }],
  ])('with %s is refused', (_case, change) => {
    expect(isRefused({ ...CODE_QUESTION, ...change })).toBe(true)
  })

  test.each([
    ['twice the same', [3, 3, 4, 5, 12]],
    ['falling', [4, 3, 5, 12]],
    ['unknown', [3, 4, 5, 12, 13]],
    ['zero', [0, 3, 4, 5, 12]],
  ])('with entries that are %s is refused', (_case, tags) => {
    const entries = tags.map((tag) => encodeEntry(tag, 'x'))
    expect(errorCodeOf(() => decodeRequest(encodeRaw(1, ATTEMPT, entries)))).toBe('ERR_REFUSED')
  })

  test('with an empty answer is one: somebody pressed return', () => {
    expect(decodeRequest(encodeQuestion({ ...CODE_QUESTION, answer: '' })).answer).toHaveLength(0)
  })

  test('is refused without a word of what it holds', () => {
    const secret = '987654'
    const bytes = encodeQuestion({ ...CODE_QUESTION, mode: 2, answer: secret, user: 'mallory' })
    expect(() => decodeRequest(bytes)).toThrow(/^(?!.*(987654|mallory))a request is refused/)
  })
})

describe('an answer', () => {
  test.each([
    ['admitted', 'Y'],
    ['denied', 'N'],
  ] as const)('%s is the letter %s, with the attempt and every line', (verdict, letter) => {
    const log = (['alert', 'err', 'warning', 'notice', 'info'] as const).map((priority) => ({
      priority,
      outcome: priority,
      fields: { user: 'alice' },
    }))
    const bytes = encodeAnswer({ verdict, log, say: ['That code is not right.'] }, attemptId())
    expect(decodeAnswer(bytes)).toEqual({
      verdict: letter,
      attempt: ATTEMPT,
      entries: [
        { tag: 1, text: 'alert user=alice' },
        { tag: 3, text: 'err user=alice' },
        { tag: 4, text: 'warning user=alice' },
        { tag: 5, text: 'notice user=alice' },
        { tag: 6, text: 'info user=alice' },
        { tag: 64, text: 'That code is not right.' },
      ],
    })
  })

  test('that decides nothing is the letter D alone', () => {
    expect(decodeAnswer(encodeAnswer(ASK_DIRECT, attemptId()))).toEqual({
      verdict: 'D',
      attempt: ATTEMPT,
      entries: [],
    })
  })

  test('holds no line that the client would refuse', () => {
    const line = fc
      .record({ text: fc.string({ unit: 'binary' }), length: fc.nat(1200) })
      .map(({ text: start, length }) => start.padEnd(length, 'x'))
    fc.assert(
      fc.property(line, line, (logged, said) => {
        const record = { priority: 'info', outcome: 'error', fields: { what: logged } } as const
        const bytes = encodeAnswer({ verdict: 'denied', log: [record], say: [said] }, attemptId())
        const [first, second] = decodeAnswer(bytes).entries
        expect(first?.text).toMatch(/^[ -~]{0,1000}$/)
        expect(second?.text).toMatch(/^[ -~]{0,200}$/)
        expect(first?.text.length).toBe(Math.min(1000, formatLogRecord(record).length))
      }),
    )
  })

  test('that is longer than a frame is none', () => {
    const log = Array.from(
      { length: 5 },
      () => ({ priority: 'info', outcome: 'x'.repeat(900), fields: {} }) as const,
    )
    const encode = () => encodeAnswer({ verdict: 'admitted', log, say: [] }, attemptId())
    expect(errorCodeOf(encode)).toBe('ERR_REFUSED')
  })
})
