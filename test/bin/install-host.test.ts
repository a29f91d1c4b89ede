import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildClient, canRunClient } from '../pam/client/client-program.ts'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import {
  CHECKOUT_VERSION,
  makeCheckout,
  makeDirectory,
  nodePackage,
  writeCommandLine,
  writeImage,
} from './temporary-checkout.ts'

const NODE = `node_modules/${nodePackage()}/bin/node`
/** Waits for its stdin to end, which its killer does, and is not the last thing a shell could exec. */
const SLOW = 'read -r line\n:\n'
const STILL_NAMED = join(import.meta.dirname, '../../bin/still-named')

function install(root: string, args: readonly string[]) {
  // The widest umask there is: the modes of the tree must not depend on it.
  const script = 'umask 000; exec "$0" "$@"'
  const program = join(root, 'bin/install-host')
  return spawnSync('/bin/sh', ['-c', script, program, ...args], { encoding: 'utf8', cwd: '/' })
}

function installed() {
  const root = makeCheckout()
  const prefix = makeDirectory()
  const { status, stdout, stderr } = install(root, ['--prefix', prefix])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return { root, prefix, lib: join(prefix, 'lib/otpgate'), stdout }
}

function run(program: string, args: readonly string[] = []) {
  return spawnSync(program, args, { encoding: 'utf8', cwd: '/', env: {} })
}

/** What `lib` holds after `count` installations: the link, and the tree of the last of them. */
function onlyTree(count: number): readonly string[] {
  return ['otpgate', `otpgate-${CHECKOUT_VERSION}-${count}`]
}

function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(directory, name),
  )
}

describe('a first installation', () => {
  test('every program runs from the installed tree when the checkout is gone', () => {
    const { root, prefix, lib } = installed()
    rmSync(join(root, 'dist'), { recursive: true })
    rmSync(join(root, 'node_modules'), { recursive: true })
    for (const [program, bundle] of [
      [join(lib, 'otpgate-verify'), 'otpgate-verify.cjs'],
      [join(lib, 'otpgate-verify-direct'), 'otpgate-verify.cjs'],
      [join(lib, 'otpgated'), 'otpgated.cjs'],
      [join(prefix, 'bin/otpgate'), 'otpgate.cjs'],
    ] as const) {
      const { stdout, stderr } = run(program)
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toMatchObject({
        script: join(realpathSync(lib), 'dist', bundle),
        node: join(realpathSync(lib), 'node_modules', nodePackage(), 'bin/node'),
      })
    }
  })

  test('the native packages load from the installed tree', () => {
    const { root, prefix } = installed()
    writeCommandLine(
      root,
      `const Database = require('better-sqlite3')
       const nativeBinding = require.resolve('better-sqlite3/package.json')
         .replace('package.json', 'prebuilds/linux-' + process.arch + '.node')
       new Database(':memory:', { nativeBinding }).exec('select 1')
       require('argon2').hash('x', { memoryCost: 64, timeCost: 1 }).then(console.log)`,
    )
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(run(join(prefix, 'bin/otpgate')).stdout).toMatch(/^\$argon2id\$/)
  })

  test('nobody but the owner can write anywhere, whatever the checkout and the umask allow', () => {
    const root = makeCheckout()
    chmodSync(join(root, 'dist'), 0o777)
    chmodSync(join(root, 'dist/otpgate.cjs'), 0o666)
    chmodSync(join(root, 'dist/otpgate-verify.cjs'), 0o600)
    const prefix = makeDirectory()
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    const tree = listTree(prefix)
    expect(tree).toContain(join(realpathSync(join(prefix, 'lib/otpgate')), 'dist/otpgate.cjs'))
    const links = [join(prefix, 'bin/otpgate'), join(prefix, 'lib/otpgate')]
    expect(tree.filter((path) => lstatSync(path).isSymbolicLink())).toEqual(links)
    for (const path of tree.filter((name) => !links.includes(name))) {
      const { mode, uid, isDirectory, isFile } = describeFile(path)
      expect({ path, writable: mode & 0o7022, uid }).toEqual({
        path,
        writable: 0,
        uid: process.getuid?.(),
      })
      expect(isDirectory || isFile).toBe(true)
      expect(mode & 0o444).toBe(0o444)
    }
  })

  test('it holds what runs, and no sources, headers or binaries of other machines', () => {
    const { lib } = installed()
    expect(readdirSync(lib).sort()).toEqual(
      [
        'LICENSE',
        'dist',
        'examples',
        'node_modules',
        'otpgate',
        'otpgate-verify',
        'otpgate-verify-direct',
        'otpgated',
        'systemd',
      ].sort(),
    )
    expect(readdirSync(join(lib, 'examples'))).toEqual(['otpgate.toml'])
    expect(readdirSync(join(lib, 'systemd'))).toEqual(['otpgated.socket'])
    const tree = listTree(lib)
    const binaries = tree.filter((path) => path.endsWith('.node'))
    expect(tree.filter((path) => /\.(c|cc|cpp|h|hpp|gyp|ts)$/.test(path))).toEqual([])
    expect(binaries.length).toBeGreaterThan(1)
    expect(binaries.filter((path) => !path.includes(`/linux-${process.arch}`))).toEqual([])
  })

  test('it says where things are and what comes next', () => {
    const { prefix, lib, stdout } = installed()
    expect(stdout).toContain(`${lib}/otpgate-verify`)
    expect(stdout).toContain(`next: ${prefix}/bin/otpgate init`)
  })
})

describe('the verifier that pam.d names', () => {
  test('is the client where there is one, with the launcher beside it', () => {
    const { root, lib } = installed()
    const read = (path: string) => readFileSync(path, 'utf8')
    expect(read(join(lib, 'otpgate-verify'))).toBe(read(join(root, 'dist/otpgate-client')))
    expect(read(join(lib, 'otpgate-verify-direct'))).toContain(`\nroot='${realpathSync(lib)}'\n`)
    expect(existsSync(join(lib, 'dist/otpgate-client'))).toBe(false)
  })

  test('is the launcher where no client was compiled, and the installation says so', () => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    rmSync(join(root, 'dist/otpgate-client'))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(0)
    expect(stderr).toContain('no dist/otpgate-client')
    const lib = join(prefix, 'lib/otpgate')
    const verifier = readFileSync(join(lib, 'otpgate-verify'), 'utf8')
    expect(verifier).toBe(readFileSync(join(lib, 'otpgate-verify-direct'), 'utf8'))
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
  })

  test.skipIf(!canRunClient())('is tried as it was compiled', () => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    buildClient(join(root, 'dist/otpgate-client'))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lib = join(prefix, 'lib/otpgate')
    const env = { PAM_USER: 'alice', PAM_SERVICE: 'sshd', PAM_TYPE: 'auth' }
    const args = ['--socket', '/nonexistent/socket', '--exit', '42']
    // The stand-in for the verifier is content with 42, and is reached only by way of the client.
    const login = spawnSync(join(lib, 'otpgate-verify'), args, { encoding: 'utf8', env })
    expect(login.status).toBe(0)
    expect(JSON.parse(login.stdout).args.slice(0, 5)).toEqual([...args, '--attempt'])
  })
})

describe('manual pages and completions', () => {
  const PLACES = {
    'share/man/man8/otpgate.8': 'man/otpgate.8',
    'share/man/man5/otpgate.toml.5': 'man/otpgate.toml.5',
    'share/bash-completion/completions/otpgate': 'completion/otpgate',
    'share/zsh/site-functions/_otpgate': 'completion/_otpgate',
    'share/fish/vendor_completions.d/otpgate.fish': 'completion/otpgate.fish',
  } as const

  function listFiles(directory: string): readonly string[] {
    return listTree(directory).filter((path) => lstatSync(path).isFile())
  }

  test('lie where man and the shells look for them, and nowhere else', () => {
    const { prefix } = installed()
    for (const [place, paper] of Object.entries(PLACES)) {
      expect(readFileSync(join(prefix, place), 'utf8')).toBe(`${paper}\n`)
      expect(describeFile(join(prefix, place)).mode).toBe(0o644)
    }
    expect(listFiles(join(prefix, 'share')).length).toBe(Object.keys(PLACES).length)
  })

  test('are replaced with the tree', () => {
    const { root, prefix } = installed()
    writeFileSync(join(root, 'dist/man/otpgate.8'), 'second')
    expect(install(root, ['--prefix', prefix]).status).toBe(0)
    expect(readFileSync(join(prefix, 'share/man/man8/otpgate.8'), 'utf8')).toBe('second')
    expect(listFiles(join(prefix, 'share')).length).toBe(Object.keys(PLACES).length)
  })

  test('stay as they were where the new programs do not run', () => {
    const { root, prefix } = installed()
    writeFileSync(join(root, 'dist/man/otpgate.8'), 'second')
    writeFileSync(join(root, 'dist/otpgate.cjs'), '')
    expect(install(root, ['--prefix', prefix]).status).toBe(1)
    expect(readFileSync(join(prefix, 'share/man/man8/otpgate.8'), 'utf8')).not.toBe('second')
    expect(listFiles(join(prefix, 'share')).length).toBe(Object.keys(PLACES).length)
  })

  test('are not laid where others could change what the shells of root run', () => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    const open = join(prefix, 'share/fish')
    mkdirSync(open, { recursive: true })
    chmodSync(open, 0o777)
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain(`others than root own ${open} or can write to it`)
    expect(listFiles(prefix)).toEqual([])
  })

  test('are missing from a build without them, and the installation says so', () => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    rmSync(join(root, 'dist/man'), { recursive: true })
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(0)
    expect(stderr).toContain('no manual pages')
    expect(existsSync(join(prefix, 'share'))).toBe(false)
  })
})

describe('an installation through links', () => {
  test.each([
    ['by a link to it', (link: string) => [link]],
    ['by its name alone, beside it', (_: string) => ['/bin/sh', 'install-host']],
  ])('begins %s', (_case, words) => {
    const root = makeCheckout()
    const prefix = makeDirectory()
    const link = join(makeDirectory(), 'install')
    symlinkSync(join(root, 'bin/install-host'), link)
    const [program = '', ...args] = [...words(link), '--prefix', prefix]
    const { status, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      cwd: join(root, 'bin'),
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(readdirSync(join(prefix, 'lib'))).toEqual(onlyTree(1))
  })

  test('writes out where they lead, for the links may change', () => {
    const { root, prefix } = makePrefix()
    const link = join(root, 'link')
    symlinkSync(prefix, link)
    rmdirSync(join(prefix, 'lib'))
    mkdirSync(join(root, 'elsewhere'))
    symlinkSync(join(root, 'elsewhere'), join(prefix, 'lib'))
    const { status, stdout } = install(makeCheckout(), ['--prefix', link])
    expect(status).toBe(0)
    rmSync(link)
    rmSync(join(prefix, 'lib'))
    expect(stdout).toContain(`pam.d lines name ${root}/elsewhere/otpgate/otpgate-verify\n`)
    expect(run(join(prefix, 'bin/otpgate'), ['--version']).status).toBe(0)
  })
})

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
    writeFileSync(join(pam, 'sshd'), `auth requisite pam_exec.so quiet ${old}/otpgate-verify\n`)
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

  test('leaves the old tree where the new binaries do not load', () => {
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
  ])('leaves the old tree where the new %s', (_case, bundle, text) => {
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

  test.each([
    'otpgate',
    'otpgate-verify',
    'otpgated',
  ])('leaves the old tree where the new %s never ends', (name) => {
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
  ])('leaves the old tree where the launcher of the new %s is cut off', (name) => {
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

  test("leaves the old tree where the new verifier's image is damaged", () => {
    const { root, prefix, lib } = installed()
    writeImage(root, Buffer.from('damaged'))
    const { status, stderr } = install(root, ['--prefix', prefix])
    expect(status).toBe(1)
    expect(stderr).toContain('does not run; nothing was changed')
    expect(run(join(lib, 'otpgate-verify'), ['--exit', '42']).status).toBe(0)
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

/** A login under way, as far as processes show it: it ends only with the test. */
function startLogin([program = '', ...args]: readonly string[]) {
  const login = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => {
    login.kill('SIGKILL')
  })
  return login
}

/** Ends the oldest process above it that runs this install-host: those below are its subshells. */
function endInstallation(root: string): string {
  return `
    const read = (pid, name) => require('node:fs').readFileSync('/proc/' + pid + '/' + name, 'utf8')
    const parentOf = (pid) => Number(/^PPid:\\s*(\\d+)/m.exec(read(pid, 'status'))[1])
    let installer
    for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
      if (read(pid, 'cmdline').split('\\0').includes('${root}/bin/install-host')) installer = pid
    }
    process.kill(installer, 'SIGTERM')`
}

/** A prefix with a directory of its own above it, both closed to others. */
function makePrefix() {
  const root = makeDirectory()
  const prefix = join(root, 'top/prefix')
  for (const name of ['bin', 'lib']) {
    mkdirSync(join(prefix, name), { recursive: true, mode: 0o755 })
  }
  return { root, prefix }
}

function describeFile(path: string) {
  const stats = lstatSync(path)
  return {
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
  }
}
