import { chmodSync, chownSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { install, listTree, makePrefix } from './installed-host.ts'
import { makeCheckout, makeDirectory } from './temporary-checkout.ts'

describe('a refusal', () => {
  test.each([
    ['without a directory', ['--prefix'], 'usage'],
    ['with a word too many', ['--prefix', '/usr', 'x'], 'usage'],
    ['with an unknown option', ['--destdir', '/usr'], 'usage'],
    ['of a relative prefix', ['--prefix', 'usr'], 'absolute'],
    ['of an empty prefix', ['--prefix', ''], 'absolute'],
    ['of a prefix that is not there', ['--prefix', '/nonexistent/usr'], 'no directory'],
    ['of a prefix with a quote', ['--prefix', "/tmp/a'b"], 'may hold'],
    ['of a prefix with a blank', ['--prefix', '/tmp/a b'], 'may hold'],
  ])('%s exits 1 and says why', (_case, args, reason) => {
    const { status, stdout, stderr } = install(makeCheckout(), args)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(reason)
  })

  test.each([
    ['a prefix that anybody can write to', 'top/prefix', 0o777],
    ['a prefix that a group can write to', 'top/prefix', 0o775],
    ['a prefix in which anybody can make files', 'top/prefix', 0o1777],
    ['a prefix below a directory that others can write to', 'top', 0o777],
    ['a lib that others can write to', 'top/prefix/lib', 0o777],
    ['a bin in which anybody can make files', 'top/prefix/bin', 0o1777],
  ])('of %s names it and leaves no tree', (_case, open, mode) => {
    const { root, prefix } = makePrefix()
    chmodSync(join(root, open), mode)
    const { status, stderr } = install(makeCheckout(), ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain(`others than root own ${join(root, open)} or can write to it`)
    expect(listTree(prefix)).toEqual([join(prefix, 'bin'), join(prefix, 'lib')])
  })

  test.skipIf(!canRunCommandLine()).each(['top', 'top/prefix', 'top/prefix/lib'])(
    'of %s that belongs to somebody else names it and leaves no tree',
    (foreign) => {
      const { root, prefix } = makePrefix()
      chownSync(join(root, foreign), 65534, 65534)
      const { status, stderr } = install(makeCheckout(), ['--prefix', prefix])
      expect(status).toBe(1)
      expect(stderr).toContain(`others than root own ${join(root, foreign)} or`)
      expect(listTree(prefix)).toEqual([join(prefix, 'bin'), join(prefix, 'lib')])
    },
  )

  test('of a link is for what it leads to', () => {
    const { root, prefix } = makePrefix()
    chmodSync(prefix, 0o777)
    symlinkSync(prefix, join(root, 'link'))
    const { status, stderr } = install(makeCheckout(), ['--prefix', join(root, 'link')])
    expect(status).toBe(1)
    expect(stderr).toContain(`others than root own ${prefix} or`)
  })

  test.each([
    'otpgate.cjs',
    'otpgate.image',
    'otpgate-verify.cjs',
    'otpgate-verify.image',
    'otpgated.cjs',
  ])('without dist/%s says how to build', (bundle) => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    rmSync(join(root, 'dist', bundle))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('npm run build')
    expect(readdirSync(prefix)).toEqual([])
  })

  test('of a launcher without its root line leaves nothing behind', () => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    writeFileSync(join(root, 'bin/otpgate-verify'), '#!/bin/sh -p\nexit 1\n')
    expect(install(root, ['--prefix', prefix]).status).toBe(1)
    expect(readdirSync(join(prefix, 'lib'))).toEqual([])
    expect(readdirSync(join(prefix, 'bin'))).toEqual([])
  })
})
