import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { install, installed, listTree, run } from './installed-host.ts'
import { makeDirectory } from './temporary-checkout.ts'

const STILL_NAMED = join(import.meta.dirname, '../../bin/still-named')

describe('taking it away', () => {
  test('leaves nothing of it', () => {
    const { root, prefix } = installed()
    const { status, stderr } = install(root, ['--uninstall', '--prefix', prefix])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(listTree(prefix).filter((path) => !lstatSync(path).isDirectory())).toEqual([])
    expect(readdirSync(join(prefix, 'lib'))).toEqual([])
  })

  test.each([
    ['a line of PAM', 'pam.d/sshd', '@include otpgate-key-then-code\n'],
    ['a drop-in of sshd', 'ssh/sshd_config.d/00-otpgate.conf', 'UsePAM yes\n'],
    ['a line of sshd', 'ssh/sshd_config', '  ForceCommand sudo otpgate self enroll\n'],
    ['a set-up that is not over', 'systemd/system/otpgate-setup.service', '[Service]\n'],
  ])('is refused while there is %s, with what to type', (_case, name, text) => {
    const etc = makeDirectory()
    const path = join(etc, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    const { status, stderr } = run(STILL_NAMED, [etc])
    expect(status).toBe(1)
    expect(stderr).toContain(`\n  ${path}\n`)
    expect(stderr).toContain('otpgate setup revert')
  })

  test('is not refused for a comment', () => {
    const etc = makeDirectory()
    mkdirSync(join(etc, 'pam.d'))
    writeFileSync(join(etc, 'pam.d/sshd'), '# otpgate was here\n@include common-auth\n')
    expect(run(STILL_NAMED, [etc]).status).toBe(0)
  })
})
