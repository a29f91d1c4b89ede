import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../src/pam/arguments.ts'
import { errorCodeOf } from '../support/error-code.ts'

const DEFAULT = '/etc/otpgate/otpgate.toml'

describe('the arguments of a pam.d line', () => {
  test.each([
    { args: [], mode: 'code', configPath: DEFAULT },
    { args: ['--excused'], mode: 'excused', configPath: DEFAULT },
    { args: ['--account'], mode: 'account', configPath: DEFAULT },
    { args: ['--config', '/a b/c.toml'], mode: 'code', configPath: '/a b/c.toml' },
    { args: ['--config', '/a', '--excused'], mode: 'excused', configPath: '/a' },
    { args: ['--account', '--config', '/a'], mode: 'account', configPath: '/a' },
    { args: ['--password-and-code'], mode: 'password-and-code', configPath: DEFAULT },
    { args: ['--first-factor-missing'], mode: 'first-factor-missing', configPath: DEFAULT },
  ])('$args are understood', ({ args, mode, configPath }) => {
    expect(parseArguments(args, DEFAULT)).toEqual({ mode, configPath })
  })

  test.each([
    { args: ['--outside-group', 'g'], configPath: DEFAULT },
    { args: ['--config', '/a', '--outside-group', 'g'], configPath: '/a' },
    { args: ['--outside-group', 'g', '--config', '/a'], configPath: '/a' },
  ])('$args name a group', ({ args, configPath }) => {
    const expected = { mode: 'outside-group', group: 'g', configPath }
    expect(parseArguments(args, DEFAULT)).toEqual(expected)
  })

  test('those of the static client are understood beside them', () => {
    const attempt = '0123456789abcdef'.repeat(2)
    const own = ['--attempt', attempt, '--time-left', '17950', '--socket', '/run/a.sock']
    expect(parseArguments(['--account', ...own], DEFAULT)).toEqual({
      ...{ mode: 'account', configPath: DEFAULT },
      ...{ attempt, timeLeftMilliseconds: 17950 },
    })
  })

  test.each([
    [['--attempt']],
    [['--attempt', 'F'.repeat(32)]],
    [['--attempt', 'f'.repeat(31)]],
    [['--time-left', '-1']],
    [['--time-left', '1e3']],
    [['--time-left', '1000000']],
    [['--socket', 'relative']],
    [['--nope']],
    [['--outside-group']],
    [['--outside-group', '']],
    [['--outside-group', '--account']],
    [['--outside-group', 'g', 'h']],
    [['--outside-group', 'g', '--account']],
    [['--password-and-code', '--excused']],
    [['--first-factor-missing', '--account']],
    [['']],
    [['excused']],
    [['--excused ', '--account']],
    [['--excused', '--excused']],
    [['--excused', '--account']],
    [['--account', '--excused']],
    [['--config']],
    [['--config', '']],
    [['--config', 'otpgate.toml']],
    [['--config', '--excused']],
    [['--config=/etc/otpgate.toml']],
    [['toString']],
    [['__proto__']],
  ])('%j are refused rather than guessed', (args) => {
    expect(errorCodeOf(() => parseArguments(args, DEFAULT))).toBe('ERR_USAGE')
  })
})
