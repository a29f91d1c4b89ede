import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { findConfigProblems, parseConfig } from '../../src/config/parse-config.ts'
import { DEFAULT_MESSAGES } from '../../src/domain/message.ts'

const parse = (text: string) => parseConfig(text, '/etc/otpgate/otpgate.toml')

/** The error that parsing `text` throws. */
function failureOf(text: string): AppError {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('the text was accepted')
}

describe('a good file', () => {
  test('an empty text gives every default', () => {
    expect(parse('')).toEqual({
      store: { path: '/var/lib/otpgate/otpgate.db', keyFile: '/etc/otpgate/master.key' },
      totp: { issuer: undefined, digits: 6, periodSeconds: 30, algorithm: 'SHA1', window: 1 },
      policy: { unenrolled: 'deny', codeAlone: [], selfEnroll: false },
      throttle: {
        freeFailures: 5,
        firstWaitSeconds: 30,
        longestWaitSeconds: 3600,
        failuresPerDay: 20,
        lockAfter: 100,
      },
      remember: { forSeconds: 0 },
      daemon: { user: 'otpgate' },
      messages: DEFAULT_MESSAGES,
      audit: { keepSeconds: 34_560_000 },
      notify: { command: [], events: undefined, timeoutSeconds: 30 },
      exemptions: [],
    })
  })

  test('every key is read, and durations become seconds', () => {
    const config = parse(`
      [store]
      path = "/srv/otpgate.db"
      key_file = "/srv/key"
      [totp]
      issuer = "Zürich bastion"
      digits = 8
      period = "1m"
      algorithm = "SHA512"
      window = 0
      [policy]
      unenrolled = "allow"
      code_alone = ["sshd-kiosk", "otpgate_test"]
      self_enroll = true
      [throttle]
      free_failures = 1
      first_wait = "1s"
      longest_wait = "24h"
      failures_per_day = 5
      lock_after = 10
      [remember]
      for = "12h"
      [messages]
      prompt = "Code?"
      throttled = "Wait {time}"
      [daemon]
      user = "gatekeeper"
      [audit]
      keep = "30d"
      [notify]
      command = ["/usr/local/sbin/tell", "--to", "", "a b"]
      events = ["reset", "login-recovery"]
      timeout = "2m"
    `)
    expect(config).toEqual({
      store: { path: '/srv/otpgate.db', keyFile: '/srv/key' },
      totp: {
        issuer: 'Zürich bastion',
        digits: 8,
        periodSeconds: 60,
        algorithm: 'SHA512',
        window: 0,
      },
      policy: { unenrolled: 'allow', codeAlone: ['sshd-kiosk', 'otpgate_test'], selfEnroll: true },
      throttle: {
        freeFailures: 1,
        firstWaitSeconds: 1,
        longestWaitSeconds: 86400,
        failuresPerDay: 5,
        lockAfter: 10,
      },
      remember: { forSeconds: 43_200 },
      daemon: { user: 'gatekeeper' },
      messages: { ...DEFAULT_MESSAGES, prompt: 'Code?', throttled: 'Wait {time}' },
      audit: { keepSeconds: 2_592_000 },
      notify: {
        command: ['/usr/local/sbin/tell', '--to', '', 'a b'],
        events: ['reset', 'login-recovery'],
        timeoutSeconds: 120,
      },
      exemptions: [],
    })
  })

  test('dotted keys and inline tables mean the same as a table', () => {
    const expected = parse('[totp]\ndigits = 7')
    expect(parse('totp.digits = 7')).toEqual(expected)
    expect(parse('totp = { digits = 7 }')).toEqual(expected)
  })
})

describe('a value that is not allowed', () => {
  test.each([
    ['store', 'path = "otpgate.db"'],
    ['store', 'path = "/"'],
    ['store', 'path = "/var/lib/../otpgate.db"'],
    ['store', 'path = "/var/lib/"'],
    ['store', 'key_file = "/etc/key\\n"'],
    ['store', 'key_file = 4'],
    ['notify', 'command = "/usr/local/sbin/tell"'],
    ['notify', 'command = ["tell"]'],
    ['notify', 'command = ["/usr/../tell"]'],
    ['notify', 'command = [""]'],
    ['notify', 'command = ["/tell", "a\\u0000b"]'],
    ['notify', 'command = ["/tell", "a\\nb"]'],
    ['notify', 'command = ["/tell", 4]'],
    ['notify', `command = ["/tell"${', "x"'.repeat(32)}]`],
    ['notify', 'events = ["login"]'],
    ['notify', 'events = ["reset", "reset"]'],
    ['notify', 'timeout = "0s"'],
    ['notify', 'timeout = "11m"'],
    ['totp', 'issuer = ""'],
    ['totp', 'issuer = "a:b"'],
    ['totp', 'issuer = " a"'],
    ['totp', 'issuer = "a\\u001bb"'],
    ['totp', 'issuer = "a\\u202eb"'],
    ['totp', `issuer = "${'x'.repeat(65)}"`],
    ['totp', 'digits = 5'],
    ['totp', 'digits = 6.0'],
    ['totp', 'digits = "6"'],
    ['totp', 'period = 30'],
    ['totp', 'period = "14s"'],
    ['totp', 'period = "121s"'],
    ['totp', 'period = "30 s"'],
    ['totp', 'algorithm = "sha1"'],
    ['totp', 'algorithm = "MD5"'],
    ['totp', 'window = -1'],
    ['totp', 'window = 5'],
    ['totp', 'window = 1.5'],
    ['totp', 'window = nan'],
    ['policy', 'unenrolled = true'],
    ['policy', 'unenrolled = "Allow"'],
    ['policy', 'code_alone = "sshd"'],
    ['policy', 'code_alone = ["SSHD"]'],
    ['policy', 'code_alone = ["../sshd"]'],
    ['policy', 'code_alone = [["sshd"]]'],
    ['policy', 'code_alone = ["sshd", "sshd"]'],
    ['throttle', 'free_failures = 0'],
    ['throttle', 'free_failures = 21'],
    ['throttle', 'first_wait = "0s"'],
    ['throttle', 'first_wait = "3601s"'],
    ['throttle', 'longest_wait = "59s"'],
    ['throttle', 'longest_wait = "25h"'],
    ['throttle', 'failures_per_day = 4'],
    ['throttle', 'failures_per_day = 101'],
    ['throttle', 'lock_after = 9'],
    ['throttle', 'lock_after = 101'],
    ['throttle', 'lock_after = 9007199254740993'],
    ['messages', 'prompt = ""'],
    ['messages', 'prompt = "Code: "'],
    ['messages', 'prompt = "Bestätigung"'],
    ['messages', 'prompt = "one\\ntwo"'],
    ['messages', `prompt = "${'x'.repeat(80)}"`],
    // Would be 80 once the time is put in.
    ['messages', `throttled = "${'x'.repeat(68)} {time}"`],
    ['messages', 'throttled = "{when}"'],
    ['totp', 'period = 2026-12-24'],
  ])('[%s] %s is refused by its name, line and range', (section, entry) => {
    const [name] = entry.split(' ')
    const error = failureOf(`# first line\n[${section}]\n${entry}\n`)
    expect(error.code).toBe('ERR_CONFIG_INVALID')
    expect(error.message).toContain(`/etc/otpgate/otpgate.toml line 3: ${section}.${name} `)
    expect(error.message).not.toContain('more problem')
    expect(error.hint).toMatch(/^allowed: ./)
  })

  test('the hint says what is allowed', () => {
    expect(failureOf('totp.window = 5').hint).toBe('allowed: a whole number from 0 to 4')
    expect(failureOf('totp.digits = 5').hint).toBe('allowed: 6, 7 or 8')
    expect(failureOf('totp.period = "1s"').hint).toContain('a duration from 15s to 2m')
  })

  test('the value itself is not repeated: it may be a secret in the wrong place', () => {
    const error = failureOf('[totp]\nalgorithm = "JBSWY3DP"')
    expect(`${error.message} ${error.hint}`).not.toContain('JBSWY3DP')
  })

  test('a longest wait below the first one is refused', () => {
    const error = failureOf('[throttle]\nfirst_wait = "2m"\nlongest_wait = "1m"')
    expect(error.message).toContain('line 3: throttle.longest_wait is shorter')
    expect(parse('[throttle]\nfirst_wait = "2m"\nlongest_wait = "2m"')).toBeDefined()
  })
})

describe('a name that does not exist', () => {
  test.each([
    ['[totp]\nperod = "30s"', 2, 'did you mean totp.period?'],
    ['[totpp]\ndigits = 6', 1, 'did you mean totp?'],
    ['digits = 6', 1, 'did you mean totp.digits?'],
    ['\n[throttle]\nkey_file = "/k"', 3, 'did you mean store.key_file?'],
    ['[totp]\nsomething_else = 1', 2, 'keys of [totp]: issuer, digits, period'],
    ['[something_else]', 1, 'tables: store, totp, policy'],
    ['something_else = 1', 1, 'tables: store, totp, policy'],
    ['[totp]\nconstructor = 1', 2, 'keys of [totp]'],
    ['[__proto__]\na = 1', 1, 'tables: store'],
  ])('%j is refused with what was probably meant', (text, line, hint) => {
    const error = failureOf(text)
    expect(error.code).toBe('ERR_CONFIG_INVALID')
    expect(error.message).toContain(`line ${line}: there is no `)
    expect(error.hint).toContain(hint)
  })

  test('a name with control characters is shown harmless', () => {
    expect(failureOf('"a\\u001b[31m" = 1').message).toContain('a\\x1b[31m')
  })

  test.each([
    'totp = 1',
    '[[totp]]\ndigits = 6',
    'totp = 2026-12-24',
  ])('%j is refused, for totp is a table', (text) => {
    expect(failureOf(text).message).toContain('line 1: totp is not a table')
  })
})

describe('several problems', () => {
  const text = [
    '[throttle]',
    'lock_after = 1000',
    '[totp]',
    'digits = 9',
    'perod = "30s"',
    '[polcy]',
  ].join('\n')

  test('all are listed from top to bottom, each with its line', () => {
    expect(findConfigProblems(text).map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 throttle.lock_after is out of range',
      '4 totp.digits is none of its choices',
      '5 there is no key totp.perod',
      '6 there is no table polcy',
    ])
  })

  test('the error names the first and counts the others', () => {
    expect(failureOf(text).message).toMatch(/line 2: .*\(and 3 more problems\)$/)
  })

  test('a good text has none', () => {
    expect(findConfigProblems('[totp]\ndigits = 7')).toEqual([])
  })
})

describe('what is not TOML', () => {
  test.each([
    ['[totp]\ndigits = \n', 2],
    ['[totp]\ndigits = 6\ndigits = 7', 3],
    ['[totp]\n[totp]', 2],
    ['a = "', 1],
    [`a = ${'['.repeat(100_000)}`, 1],
  ])('%.30j is refused with its line', (text, line) => {
    const error = failureOf(text)
    expect(error.code).toBe('ERR_CONFIG_INVALID')
    expect(error.message).toMatch(new RegExp(`^/etc/otpgate/otpgate.toml line ${line}: not valid`))
    expect(error.message).not.toContain('\n')
  })

  test('a text far too long is refused unread', () => {
    expect(failureOf(`a =${' '.repeat(300_000)}`).message).toContain('longer than')
  })

  test('no text makes it throw anything but ERR_CONFIG_INVALID', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '"',
      "'",
      '"""',
      "'''",
      '=',
      '.',
      '\n',
      '#',
      '{',
      '}',
      ',',
      '\\',
      '\\u',
      '\ud800',
      'totp',
      'digits',
      '6',
      '-',
      'inf',
      '1979-05-27',
      '\0',
      '__proto__',
      ' ',
      '\r\n',
      '\ufeff',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('')
        if (findConfigProblems(text).length > 0)
          expect(failureOf(text).code).toBe('ERR_CONFIG_INVALID')
        else expect(parse(text)).toBeDefined()
      }),
      { numRuns: 2000 },
    )
  })
})
