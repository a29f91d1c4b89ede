import { describe, expect, test } from 'vitest'
import { parseDaemonArguments } from '../../src/daemon/arguments.ts'
import { errorCodeOf } from '../support/error-code.ts'

const DEFAULT = '/etc/otpgate/otpgate.toml'
const RUN = {
  kind: 'run',
  configPath: DEFAULT,
  socketPath: '/run/otpgate/otpgated.sock',
  keyPath: undefined,
}

describe('the command line of otpgated', () => {
  test.each([
    { args: [], parsed: RUN },
    { args: ['--config', '/a b/c'], parsed: { ...RUN, configPath: '/a b/c' } },
    { args: ['--socket', '/s'], parsed: { ...RUN, socketPath: '/s' } },
    { args: ['--key', '/k'], parsed: { ...RUN, keyPath: '/k' } },
    {
      args: ['--key', '/k', '--socket', '/s', '--config', '/c'],
      parsed: { kind: 'run', configPath: '/c', socketPath: '/s', keyPath: '/k' },
    },
    { args: ['--version'], parsed: { kind: 'version' } },
    { args: ['--help'], parsed: { kind: 'help' } },
  ])('$args is understood', ({ args, parsed }) => {
    expect(parseDaemonArguments(args, DEFAULT)).toEqual(parsed)
  })

  test.each([
    [['x']],
    [['']],
    [['--nope']],
    [['--config']],
    [['--config', 'c']],
    [['--config', '']],
    [['--config=/c']],
    [['--socket', '--key']],
    [['--key', 'k']],
    [['--config', '/a', '--config', '/a']],
    [['--version', '--help']],
    [['--socket', '/s', '--version']],
    [['toString', '/s']],
    [['__proto__', '/s']],
  ])('%j is refused rather than guessed', (args) => {
    expect(errorCodeOf(() => parseDaemonArguments(args, DEFAULT))).toBe('ERR_USAGE')
  })

  test('says which word it does not understand, in harmless characters', () => {
    const parse = () => parseDaemonArguments(['--key', '/k', '--n\x1b[31mope'], DEFAULT)
    expect(parse).toThrow(/^an argument is not understood: --n\\x1b\[31mope$/)
  })
})
