import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import {
  endInstallation,
  install,
  installed,
  NODE,
  onlyTree,
  run,
  SLOW,
  startLogin,
} from './installed-host.ts'
import { CHECKOUT_VERSION, makeDirectory, writeCommandLine } from './temporary-checkout.ts'

describe('another installation', () => {
  test('replaces the tree as a whole', () => {
    const { root, prefix, lib } = installed()
    writeFileSync(join(lib, 'left-over'), '')
    writeCommandLine(root, 'console.log("second")')
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(run(join(prefix, 'bin/otpgate')).stdout).toBe('second\n')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(2))
    expect(readdirSync(join(prefix, 'bin'))).toEqual(['otpgate'])
    expect(existsSync(join(lib, 'left-over'))).toBe(false)
  })

  test('switches a link, so that there is a tree at every moment', () => {
    const { root, prefix, lib } = installed()
    const first = readlinkSync(lib)
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect([first, readlinkSync(lib)]).toEqual([onlyTree(1)[1], onlyTree(2)[1]])
  })

  test('takes the place of the plain directory of an earlier release', () => {
    const { root, prefix, lib } = installed()
    const plain = realpathSync(lib)
    rmSync(lib)
    renameSync(plain, lib)
    writeFileSync(join(lib, 'left-over'), '')
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test('puts right one that was cut off before its link was switched', () => {
    const { root, prefix, lib } = installed()
    renameSync(realpathSync(lib), `${lib}-0`)
    mkdirSync(`${lib}-${CHECKOUT_VERSION}-7`)
    symlinkSync('nowhere', `${lib}.new`)
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test.each([
    ['its Node', (tree: string) => [join(tree, NODE), '-e', 'setTimeout(() => {}, 60_000)']],
    [
      'a shell that reads its launcher by the link',
      (_: string, lib: string) => ['sh', join(lib, 'slow')],
    ],
    [
      'a shell with its launcher for a name',
      (tree: string) => ['sh', '-c', SLOW, join(tree, 'slow')],
    ],
  ] as const)('keeps the old tree until %s has ended', async (_case, words) => {
    const { root, prefix, lib } = installed()
    const old = realpathSync(lib)
    writeFileSync(join(old, 'slow'), SLOW)
    const login = startLogin(words(old, lib))
    const script = 'exec "$0" --prefix "$1"'
    const args = ['-c', script, join(root, 'bin/install-host'), prefix]
    const installing = spawn('/bin/sh', args, { stdio: 'ignore' })
    const ended = once(installing, 'exit')
    while (realpathSync(lib) === old) await pause(20)
    await pause(1500)
    expect(existsSync(join(old, 'dist/otpgate-verify.cjs'))).toBe(true)
    login.kill('SIGKILL')
    expect(await ended).toEqual([0, null])
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(2))
  })

  test.skipIf(!canRunCommandLine())('begins anew what runs of it, and nothing else', () => {
    const { root, prefix, lib } = installed()
    const old = realpathSync(lib)
    const log = join(makeDirectory(), 'log')
    // A service whose launcher has not come to its program yet is a shell.
    writeFileSync(join(old, 'otpgated'), SLOW)
    const running = {
      otpgated: startLogin(['sh', '-p', join(lib, 'otpgated')]),
      'otpgate-notify': startLogin([join(old, NODE), '-e', 'setTimeout(() => {}, 60_000)']),
      'otpgate-setup': startLogin(['sh', '-c', SLOW, '/usr/bin/otpgate']),
    }
    const pids = Object.entries(running).map(([unit, { pid }]) => `${unit}.service) echo ${pid} ;;`)
    const systemctl = `systemctl() {
      case $1 in
        show) case $4 in ${pids.join(' ')} esac ;;
        *) echo "$*" >>'${log}'; kill "$(systemctl show '' '' "$2")" ;;
      esac
    }`
    const part = join(root, 'bin/switch')
    const text = readFileSync(part, 'utf8')
    writeFileSync(part, `${systemctl}\n${text.replace('/run/systemd/system', '/')}`)
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const units = ['otpgated', 'otpgate-notify'].map((unit) => `try-restart ${unit}.service\n`)
    expect(readFileSync(log, 'utf8')).toBe(units.join(''))
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(2))
  })

  test('of a release takes the place of its candidate, and the other way round', () => {
    const { root, prefix } = installed()
    for (const version of ['1.2.3-rc.1', CHECKOUT_VERSION]) {
      for (const name of ['package.json', 'dist/otpgate.cjs', 'dist/otpgated.cjs']) {
        const text = readFileSync(join(root, name), 'utf8')
        writeFileSync(join(root, name), text.replace(/1\.2\.3(-rc\.1)?/g, version))
      }
      expect(install(root, ['--prefix', prefix])).toMatchObject({ status: 0, stderr: '' })
      expect(readdirSync(join(prefix, 'lib'))).toEqual(['otpgate', `otpgate-${version}-1`])
    }
  })

  test('keeps a tree that PAM names instead of the link, and says so', () => {
    const { root, prefix, lib } = installed()
    const old = realpathSync(lib)
    const pam = makeDirectory()
    writeFileSync(
      join(pam, 'sshd'),
      `auth requisite pam_exec.so quiet ${old}/otpgate-verify-direct\n`,
    )
    const trial = join(root, 'bin/trial')
    writeFileSync(trial, readFileSync(trial, 'utf8').replace('pam=/etc/pam.d', `pam=${pam}`))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `left ${old}, as PAM names it; name ${lib} there\n`,
    })
    expect(run(join(old, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test('is refused while another one is under way', () => {
    const { root, prefix } = installed()
    const script = 'exec 8<"$1/lib"; flock 8; "$0" --prefix "$1"'
    const args = ['-c', script, join(root, 'bin/install-host'), prefix]
    const { status, stderr } = spawnSync('/bin/sh', args, { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('another installation')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
  })

  test('goes back where the database does not follow after all', () => {
    const { root, prefix, lib } = installed()
    const before = readlinkSync(lib)
    const fails = "process.exitCode = Number(!process.argv.includes('--check'))"
    writeCommandLine(root, `console.log('no room'); ${fails}`)
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('no room')
    expect(readlinkSync(lib)).toBe(before)
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test('goes on where the database has followed, and what brought it was killed', () => {
    const { root, prefix, lib } = installed()
    const done = join(makeDirectory(), 'done')
    writeCommandLine(
      root,
      `const { existsSync, writeFileSync } = require('node:fs')
       if (process.argv.includes('--check') || existsSync('${done}')) return
       writeFileSync('${done}', '')
       process.kill(process.pid, 'SIGHUP')`,
    )
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(readlinkSync(lib)).toBe(onlyTree(2)[1])
  })

  test('has the new link on disk before the database follows', () => {
    const { root, prefix } = installed()
    const log = join(makeDirectory(), 'log')
    const program = join(root, 'bin/install-host')
    const text = readFileSync(program, 'utf8')
    const sync = `sync() { echo "sync $2" >>'${log}'; }`
    writeFileSync(program, text.replace('umask 022', `umask 022\n${sync}`))
    const words = 'process.argv.slice(-1)'
    writeCommandLine(root, `require('node:fs').appendFileSync('${log}', ${words} + '\\n')`)
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    const linked = [`sync ${join(prefix, 'lib')}`, 'upgrade', `sync ${join(prefix, 'bin')}`]
    expect(readFileSync(log, 'utf8').trim().split('\n').slice(-3)).toEqual(linked)
  })

  test('is in force and stays where the disk fails behind the switch', () => {
    const { root, prefix, lib } = installed()
    const program = join(root, 'bin/install-host')
    // The first one is of the tree, which is not in force yet.
    const sync = 'synced=; sync() { [ -z "$synced" ] || return 1; synced=yes; }'
    const text = readFileSync(program, 'utf8')
    writeFileSync(program, text.replace('umask 022', `umask 022\n${sync}`))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(0)
    expect(stderr).toContain('may not be on disk yet')
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(2))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test('takes away what a killed one has left', () => {
    const { root, prefix, lib } = installed()
    symlinkSync('nowhere', join(prefix, 'bin/.otpgate.new'))
    symlinkSync('nowhere', `${lib}.new`)
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(readdirSync(join(prefix, 'bin'))).toEqual(['otpgate'])
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(2))
  })

  test('that is asked to end cleans up and leaves the old tree', () => {
    const { root, prefix, lib } = installed()
    writeFileSync(join(root, 'dist/otpgate.cjs'), endInstallation(root))
    const { status, signal } = install(root, ['--prefix', prefix])
    expect({ status, signal }).toEqual({ status: 1, signal: null })
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
    expect(readdirSync(join(prefix, 'bin'))).toEqual(['otpgate'])
    expect(readFileSync(join(lib, 'dist/otpgate.cjs'), 'utf8')).not.toContain('SIGTERM')
  })
})
