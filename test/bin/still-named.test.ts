import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runTool } from '../support/run-tool.ts'
import { makeDirectory } from './temporary-checkout.ts'

const STILL_NAMED = join(import.meta.dirname, '../../bin/still-named')
const VERIFIER = 'auth requisite pam_exec.so quiet /usr/lib/otpgate/otpgate-verify\n'

/** A directory with these files in it. */
function makeFiles(files: Readonly<Record<string, string | Buffer>>): string {
  const root = makeDirectory()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}

function ask(root: string, lib?: string) {
  const args = [join(root, 'etc'), ...(lib === undefined ? [] : [lib])]
  // An admin's own, in which not all bytes are characters.
  return runTool('/usr/bin/env', ['LC_ALL=C.UTF-8', STILL_NAMED, ...args])
}

/** The files that a refusal names, below `root`; none: it would go. */
function findNames(root: string, lib?: string): readonly string[] {
  const { status, stderr } = ask(root, lib)
  const names = [...stderr.matchAll(/^ {2}(\/.*)$/gm)].flatMap(([, path]) => path ?? [])
  expect(status).toBe(names.length > 0 ? 1 : 0)
  return names.map((path) => path.slice(root.length + 1))
}

describe('what PAM reads', () => {
  test('counts where a file in pam.d is a link, as authselect makes them', () => {
    const root = makeFiles({ 'etc/authselect/password-auth': VERIFIER, 'etc/pam.d/other': '' })
    symlinkSync('../authselect/password-auth', join(root, 'etc/pam.d/password-auth'))
    expect(findNames(root)).toEqual(['etc/pam.d/password-auth'])
  })

  test('counts in the directory of distributions', () => {
    const root = makeFiles({ 'usr/lib/pam.d/sshd': VERIFIER })
    expect(findNames(root)).toEqual(['usr/lib/pam.d/sshd'])
  })

  test.each([
    ['a relative path', '@include ../security/second\n'],
    ['a relative path, over two lines', 'auth \\\n include \\\n ../security/second\n'],
    ['a substack', '-auth substack ../security/second\n'],
    ['a service in capitals', 'auth INCLUDE ../security/second'],
  ])('counts where a line includes it by %s', (_case, line) => {
    const root = makeFiles({ 'etc/pam.d/sshd': line, 'etc/security/second': VERIFIER })
    expect(findNames(root)).toEqual(['etc/pam.d/../security/second'])
  })

  test('counts where a file includes it that is included by its whole path', () => {
    const root = makeFiles({ 'opt/last': VERIFIER })
    mkdirSync(join(root, 'etc/pam.d'), { recursive: true })
    writeFileSync(
      join(root, 'opt/first'),
      `@include ${root}/opt/first\n@include ${root}/opt/last\n`,
    )
    writeFileSync(join(root, 'etc/pam.d/sshd'), `auth include ${root}/opt/first\n`)
    expect(findNames(root)).toContain('opt/last')
  })

  test('counts beside bytes that are no text', () => {
    const bytes = Buffer.concat([
      Buffer.from('# \xe9\xff\0\n\xe9 ', 'latin1'),
      Buffer.from(VERIFIER),
    ])
    expect(findNames(makeFiles({ 'etc/pam.d/sshd': bytes }))).toEqual(['etc/pam.d/sshd'])
  })

  test('counts in a backup as well, which is a service for PAM', () => {
    expect(findNames(makeFiles({ 'etc/pam.d/sshd.bak~': VERIFIER }))).toEqual([
      'etc/pam.d/sshd.bak~',
    ])
  })

  test('counts as naming it where it cannot be read', () => {
    const root = makeFiles({ 'etc/pam.d/sshd': '' })
    symlinkSync('loop', join(root, 'etc/pam.d/loop'))
    expect(ask(root).status).toBe(1)
    expect(ask(root).stderr).toContain('cannot be read')
  })

  test('does not count where a link leads nowhere, or includes go round', () => {
    const root = makeFiles({
      'etc/pam.d/sshd': '# otpgate\n@include sshd\n@include ../pam.d/sshd\n',
    })
    symlinkSync('/nonexistent/otpgate', join(root, 'etc/pam.d/gone'))
    expect(findNames(root)).toEqual([])
  })
})

describe('what sshd reads', () => {
  const command = 'Match User a\n  ForceCommand sudo otpgate self enroll\n'

  test.each([
    ['one pattern', 'Include @/etc/ssh/more/*.conf\n'],
    ['one of several, in quotes', 'include="/nowhere" "@/etc/ssh/more/*.conf"\n'],
    ['a path below /etc/ssh', 'Include more/*.conf\n'],
  ])('counts where it is included by %s', (_case, line) => {
    const root = makeFiles({ 'etc/ssh/more/one.conf': command })
    writeFileSync(join(root, 'etc/ssh/sshd_config'), line.replace('@', root))
    expect(findNames(root)).toContain('etc/ssh/more/one.conf')
  })

  test('does not count where it is the name of the host, in a key', () => {
    const root = makeFiles({
      'etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAA root@otpgate\n',
      'etc/ssh/sshd_config': 'Include sshd_config.d/*.conf\n',
    })
    expect(findNames(root)).toEqual([])
  })
})

describe('an installation elsewhere', () => {
  /** Below a prefix with characters that mean something in expressions; `other` is a second one. */
  function makePrefix(line: (opt: string) => string) {
    const root = makeFiles({ 'opt/c++/lib/otpgate-1.2.3-1/otpgate-verify': '', 'etc/pam.d/x': '' })
    symlinkSync('otpgate-1.2.3-1', join(root, 'opt/c++/lib/otpgate'))
    symlinkSync('c++', join(root, 'opt/current'))
    symlinkSync('c++/lib/otpgate/otpgate-verify', join(root, 'opt/second-factor'))
    const module = `auth requisite pam_exec.so ${line(join(root, 'opt'))}\n`
    writeFileSync(join(root, 'etc/pam.d/sshd'), module)
    return { root, lib: `${join(root, 'opt/c++/lib/otpgate')}/` }
  }

  test.each([
    ['its link', (opt: string) => `${opt}/c++/lib/otpgate/otpgate-verify`],
    ['its tree', (opt: string) => `${opt}/c++/lib/otpgate-1.2.3-1/otpgate-verify`],
    ['a tree that is gone', (opt: string) => `${opt}/c++/lib/otpgate-1.0-1/otpgate-verify`],
    ['two slashes', (opt: string) => `${opt}/c++//lib/otpgate/otpgate-verify`],
    ['a link to its prefix', (opt: string) => `${opt}/current/lib/otpgate/otpgate-verify`],
    ['a link without the word', (opt: string) => `${opt}/second-factor`],
    ['a link in square brackets', (opt: string) => `[${opt}/second-factor]`],
  ])('is named by %s', (_case, line) => {
    const { root, lib } = makePrefix(line)
    expect(findNames(root, lib)).toEqual(['etc/pam.d/sshd'])
  })

  test('is not named by the path of another one', () => {
    const { root, lib } = makePrefix(() => '/usr/lib/otpgate/otpgate-verify')
    expect(findNames(root, lib)).toEqual([])
  })
})
