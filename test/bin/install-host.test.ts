import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildClient, canRunClient } from '../pam/client/client-program.ts'
import {
  describeFile,
  install,
  installed,
  listTree,
  makePrefix,
  onlyTree,
  run,
} from './installed-host.ts'
import { makeCheckout, makeDirectory, nodePackage, writeCommandLine } from './temporary-checkout.ts'

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
