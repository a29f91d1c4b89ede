import { cpSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { install, installed, onlyTree, run } from './installed-host.ts'
import { CHECKOUT_VERSION, writeCommandLine, writeImage } from './temporary-checkout.ts'

describe('another installation leaves the old tree', () => {
  test('where the new binaries do not load', () => {
    const { root, prefix, lib } = installed()
    const database = join(root, 'node_modules/better-sqlite3')
    const before = readlinkSync(lib)
    rmSync(database)
    cpSync(join(lib, 'node_modules/better-sqlite3'), database, { recursive: true })
    writeFileSync(join(database, `prebuilds/linux-${process.arch}.node`), 'not a library')
    writeCommandLine(root, 'console.log("second")')
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('nothing was changed')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(readdirSync(join(prefix, 'bin'))).toEqual(['otpgate'])
    expect(readlinkSync(lib)).toBe(before)
    expect(readFileSync(join(lib, 'dist/otpgate.cjs'), 'utf8')).not.toContain('second')
  })

  test.each([
    ['verifier is empty', 'otpgate-verify.cjs', ''],
    ['verifier is cut off', 'otpgate-verify.cjs', 'process.exitCode = 1; ('],
    ['verifier denies without a word', 'otpgate-verify.cjs', 'process.exitCode = 1'],
    ['command line is empty', 'otpgate.cjs', ''],
    ['command line is of another version', 'otpgate.cjs', 'console.log("1.2.2")'],
    ['daemon is empty', 'otpgated.cjs', ''],
    ['daemon is of another version', 'otpgated.cjs', 'console.log("1.2.2")'],
    ['client is empty', 'otpgate-client', ''],
    ['client says yes to all', 'otpgate-client', '#!/bin/sh\nexit 0\n'],
    ['client says no to all', 'otpgate-client', '#!/bin/sh\nexit 1\n'],
    ['client is of another machine', 'otpgate-client', '\x7fELF'],
    ['command line fails', 'otpgate.cjs', `console.log("${CHECKOUT_VERSION}"); process.exit(1)`],
  ])('where the new %s', (_case, bundle, text) => {
    const { root, prefix, lib } = installed()
    writeFileSync(join(root, 'dist', bundle), text)
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain(`dist/${bundle} `)
    expect(stderr).toContain('nothing was changed')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
    expect(run(join(prefix, 'bin/otpgate'), ['--version']).stdout).toBe(`${CHECKOUT_VERSION}\n`)
  })

  test.each(['otpgate', 'otpgate-verify', 'otpgated'])('where the new %s never ends', (name) => {
    const { root, prefix } = installed()
    const trial = join(root, 'bin/trial')
    const text = readFileSync(trial, 'utf8')
    writeFileSync(trial, text.replace(/^(seconds_for_start)=.*/m, '$1=2'))
    writeFileSync(join(root, 'dist', `${name}.cjs`), 'setTimeout(() => {}, 60_000)')
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('nothing was changed')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
  }, 50_000)

  test.each([
    'otpgate',
    'otpgate-verify',
    'otpgated',
  ])('where the launcher of the new %s is cut off', (name) => {
    const { root, prefix, lib } = installed()
    const launcher = join(root, 'bin', name)
    const text = readFileSync(launcher, 'utf8')
    writeFileSync(launcher, text.slice(0, text.indexOf('\n', text.indexOf('\nroot=') + 1) + 1))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('nothing was changed')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test("where the new verifier's image is damaged", () => {
    const { root, prefix, lib } = installed()
    writeImage(root, Buffer.from('damaged'))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('does not run; nothing was changed')
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })
})
