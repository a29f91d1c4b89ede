import { spawnSync } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openPamEnvironment, readPamEnvironment } from '../../src/host/pam-env.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

function environmentOf(...entries: readonly string[]): Buffer {
  return Buffer.from(entries.map((entry) => `${entry}\0`).join(''))
}

describe("PAM's environment", () => {
  test('is read whole, line breaks of SSH_AUTH_INFO_0 included', () => {
    const bytes = environmentOf(
      'PAM_SERVICE=sshd',
      'PAM_USER=alice',
      'PAM_TTY=ssh',
      'PAM_RHOST=203.0.113.9',
      'PAM_RUSER=',
      'PAM_TYPE=auth',
      'SSH_CONNECTION=203.0.113.9 40000 192.0.2.1 22',
      'SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA=\npassword\n',
    )
    expect(readPamEnvironment(bytes)).toEqual({
      service: 'sshd',
      user: 'alice',
      tty: 'ssh',
      remoteHost: '203.0.113.9',
      type: 'auth',
      sshConnection: '203.0.113.9 40000 192.0.2.1 22',
      sshAuthInfo: 'publickey ssh-ed25519 AAAA=\npassword\n',
    })
  })

  test('tells empty from absent, on which the first factor hangs', () => {
    expect(readPamEnvironment(environmentOf('SSH_AUTH_INFO_0=')).sshAuthInfo).toBe('')
    expect(readPamEnvironment(environmentOf('PAM_USER=a')).sshAuthInfo).toBeUndefined()
  })

  test('gives any name as it was typed', () => {
    const name = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))
    fc.assert(
      fc.property(name, (user) => {
        expect(readPamEnvironment(environmentOf(`PAM_USER=${user}`)).user).toBe(user)
      }),
    )
  })

  test.each([
    'PAM_USER',
    'PAM_RHOST',
    'PAM_OF_TOMORROW',
    'SSH_CONNECTION',
    'SSH_AUTH_INFO_0',
  ])('is refused where %s occurs twice, be it with the same value', (key) => {
    const bytes = environmentOf(`${key}=a`, 'LANG=C', `${key}=a`)
    expect(errorCodeOf(() => readPamEnvironment(bytes))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('may hold other variables twice', () => {
    const bytes = environmentOf('LANG=C', 'PAM_USER=alice', 'LANG=C', 'LANG')
    expect(readPamEnvironment(bytes).user).toBe('alice')
  })

  test('is refused with a PAM variable that has no value', () => {
    const bytes = environmentOf('PAM_USER', 'PAM_USER=alice')
    expect(errorCodeOf(() => readPamEnvironment(bytes))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('is refused where a name is not UTF-8: it must not become like another one', () => {
    const bytes = Buffer.concat([Buffer.from('PAM_USER=m'), Buffer.of(0xfc, 0)])
    expect(errorCodeOf(() => readPamEnvironment(bytes))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('never shows what an attacker named a variable, unescaped', () => {
    const bytes = environmentOf('PAM_\x1b[2J=1', 'PAM_\x1b[2J=2')
    expect(() => readPamEnvironment(bytes)).toThrow('PAM_\\x1b[2J occurs twice')
  })
})

describe('the handed-over environment', () => {
  function openFile(bytes: Buffer): number {
    writeFileSync(scratch('environ'), bytes)
    return openSync(scratch('environ'), 'r')
  }

  test('is read from the descriptor, which is closed then', () => {
    const fd = openFile(environmentOf('PAM_USER=alice'))
    expect(openPamEnvironment(fd).user).toBe('alice')
    expect(errorCodeOf(() => openPamEnvironment(fd))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('is found as the kernel keeps it for a process', () => {
    const copy = `cat /proc/$$/environ > "$0"`
    spawnSync('/bin/sh', ['-c', copy, scratch('copy')], {
      env: { PAM_USER: 'alice', PAM_TYPE: 'auth' },
    })
    expect(readFileSync(scratch('copy')).at(-1)).toBe(0)
    expect(openPamEnvironment(openSync(scratch('copy'), 'r'))).toMatchObject({
      user: 'alice',
      type: 'auth',
    })
  })

  test('is refused when it is empty', () => {
    const fd = openFile(Buffer.alloc(0))
    expect(errorCodeOf(() => openPamEnvironment(fd))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('is refused beyond 256 KiB instead of being cut', () => {
    const padding = `FILL=${'x'.repeat(256 * 1024)}`
    const fd = openFile(environmentOf('PAM_USER=alice', padding, 'PAM_USER=root'))
    expect(errorCodeOf(() => openPamEnvironment(fd))).toBe('ERR_PAM_ENVIRONMENT')
  })

  test('is refused when the launcher handed nothing over', () => {
    expect(errorCodeOf(() => openPamEnvironment(9999))).toBe('ERR_PAM_ENVIRONMENT')
  })
})
