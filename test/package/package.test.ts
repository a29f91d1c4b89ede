import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse-config.ts'
import { makeCheckout, nodePackage, writeScript } from '../bin/temporary-checkout.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { requireTool, runTool } from '../support/run-tool.ts'
import {
  type ArchiveEntry,
  type BuiltPackage,
  buildPackage,
  listDeb,
  listTarball,
} from './built-package.ts'

const ROOT = join(import.meta.dirname, '../..')
const PACKAGE = '/usr/lib/otpgate-package'

const canBuild = canRunWith('tests of the package', ['dpkg-deb', 'strip'])

describe.skipIf(!canBuild)('the Debian package', () => {
  let built: BuiltPackage
  let again: BuiltPackage
  let entries: readonly ArchiveEntry[]

  beforeAll(async () => {
    const builds = await Promise.all([buildPackage('022'), buildPackage('077')])
    built = builds[0]
    again = builds[1]
    entries = listDeb(built.deb)
  }, 300_000)
  afterAll(() => {
    built?.remove()
    again?.remove()
  })

  function control(field: string): string {
    return requireTool('dpkg-deb', ['--field', built.deb, field]).stdout.trim()
  }

  function script(name: string): string {
    return requireTool('dpkg-deb', ['--info', built.deb, name]).stdout
  }

  function paths(): readonly string[] {
    return entries.map(({ path }) => path)
  }

  test('is the same to the last byte when it is built again, under another umask', () => {
    for (const name of ['deb', 'tarball'] as const) {
      expect(readFileSync(again[name]).equals(readFileSync(built[name]))).toBe(true)
    }
  })

  test('is told where it lies, with size and hash', () => {
    for (const path of [built.deb, built.tarball]) {
      const [hash = ''] = requireTool('sha256sum', [path]).stdout.split(' ')
      expect(built.talk).toContain(`made ${path}\n  ${statSync(path).size} bytes, sha256 ${hash}\n`)
    }
  })

  test('says version and machine in its name, and which libraries it needs', () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    )
    const machine = requireTool('dpkg', ['--print-architecture']).stdout.trim()
    expect(built.deb).toMatch(new RegExp(`/otpgate_${version}_${machine}\\.deb$`))
    expect([control('Version'), control('Architecture')]).toEqual([version, machine])
    expect(control('Depends')).toContain('libc6 (>= 2.34)')
    expect(control('Depends')).toContain('libpam-modules')
  })

  test('is root’s, and nobody else can write anywhere', () => {
    for (const { path, owner, mode } of entries) {
      expect({ path, owner }).toEqual({ path, owner: 'root/root' })
      expect({ path, mode }).toEqual({
        path,
        mode: expect.stringMatching(/^(l|-rw-r--r--|[-d]rwxr-xr-x)/),
      })
    }
  })

  test('has one time, that of the commit', () => {
    expect(new Set(entries.map(({ time }) => time)).size).toBe(1)
  })

  test('holds what logins need, and does not lay it where logins look', () => {
    for (const name of ['dist/otpgate-client', 'bin/install-host', 'examples/otpgate.toml']) {
      expect(paths()).toContain(`${PACKAGE}/${name}`)
    }
    expect(paths().filter((path) => /^\/usr\/lib\/otpgate(\/|-\d|$)/.test(path))).toEqual([])
    const command = entries.find(({ path }) => path === '/usr/bin/otpgate')
    expect(command?.target).toBe('../lib/otpgate/otpgate')
  })

  test('holds production modules alone, without sources, headers or binaries of other machines', () => {
    const modules = paths().flatMap(
      (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/$/.exec(path)?.[1] ?? [],
    )
    expect(modules.filter((name) => !/^@[^/]*$/.test(name)).toSorted()).toEqual(
      ['@phc/format', 'argon2', 'better-sqlite3', 'node-gyp-build', nodePackage()].toSorted(),
    )
    expect(paths().filter((path) => /\.(c|cc|cpp|h|hpp|gyp|ts|map)$/.test(path))).toEqual([])
    const natives = paths().filter((path) => path.endsWith('.node'))
    expect(natives.length).toBe(2)
    expect(natives.filter((path) => !path.includes(`/linux-${process.arch}`))).toEqual([])
  })

  test('holds units, manual pages, completions and documents where the system looks', () => {
    for (const path of [
      '/usr/lib/systemd/system/otpgated.service',
      '/usr/lib/systemd/system/otpgated.socket',
      '/usr/lib/systemd/system/otpgate-maintain.service',
      '/usr/lib/systemd/system/otpgate-maintain.timer',
      '/usr/lib/sysusers.d/otpgate.conf',
      '/usr/share/man/man8/otpgate.8.gz',
      '/usr/share/man/man8/otpgate-verify.8.gz',
      '/usr/share/man/man8/otpgated.8.gz',
      '/usr/share/man/man5/otpgate.toml.5.gz',
      '/usr/share/bash-completion/completions/otpgate',
      '/usr/share/zsh/vendor-completions/_otpgate',
      '/usr/share/fish/vendor_completions.d/otpgate.fish',
      '/usr/share/doc/otpgate/copyright',
      '/usr/share/doc/otpgate/changelog.gz',
      '/usr/share/doc/otpgate/examples',
    ]) {
      expect(paths()).toContain(path)
    }
  })

  test('has every unit that the checkout has', () => {
    const units = readdirSync(join(ROOT, 'systemd')).filter((name) => !name.endsWith('.sysusers'))
    for (const unit of units) expect(paths()).toContain(`/usr/lib/systemd/system/${unit}`)
  })

  test('has a configuration that no version can stumble over: it says nothing', () => {
    expect(script('conffiles')).toBe('/etc/otpgate/otpgate.toml\n')
    const text = readFileSync(join(ROOT, 'debian/otpgate.toml'), 'utf8')
    expect(text.split('\n').filter((line) => !/^(#|$)/.test(line))).toEqual([])
    expect(parseConfig(text, 'otpgate.toml')).toEqual(parseConfig('', 'otpgate.toml'))
  })

  test('has a sum for every file but the configuration', () => {
    const summed = script('md5sums')
      .trim()
      .split('\n')
      .map((line) => `/${line.slice(34)}`)
    const files = entries.filter(({ mode }) => mode.startsWith('-')).map(({ path }) => path)
    expect(summed).toEqual(files.filter((path) => !path.startsWith('/etc/')).toSorted())
  })

  test('names in what it keeps of Node the hash that was pinned', () => {
    const pinned = readFileSync(join(ROOT, 'debian/node.sha256'), 'utf8')
    const [, hash = ''] = /unpacked ([0-9a-f]{64})/.exec(built.talk) ?? []
    expect(pinned).toContain(`${process.arch} unpacked ${hash}\n`)
    expect(built.talk).toMatch(/stripped by binutils [\d.]+ [0-9a-f]{64}/)
  })

  test.each(['preinst', 'postinst', 'prerm', 'postrm'])('has a %s that sh can read', (name) => {
    expect(runTool('/bin/sh', ['-n', '-'], script(name))).toMatchObject({ status: 0, stderr: '' })
  })

  test('is a tarball for other distributions as well, with `install` at its top', () => {
    const listed = listTarball(built.tarball)
    const inside = listed.map(({ path }) => path.slice(path.indexOf('/') + 1))
    for (const name of ['install', 'dist/man/otpgate.8', 'dist/otpgate-client', 'README.md']) {
      expect(inside).toContain(name)
    }
    const packed = paths().flatMap((path) => path.split(`${PACKAGE}/`)[1] ?? [])
    expect(packed.filter((path) => !inside.includes(path))).toEqual([])
    expect(listed.filter(({ owner }) => owner !== 'root/root')).toEqual([])
  })
})

describe.skipIf(!canBuild)('a build', () => {
  function makeSource(): string {
    const root = makeCheckout()
    cpSync(join(ROOT, 'debian'), join(root, 'debian'), { recursive: true })
    return root
  }

  function build(root: string) {
    const out = join(root, 'out')
    mkdirSync(out)
    const script = 'SOURCE_DATE_EPOCH=1700000000 exec "$0" --quick --out "$1"'
    const { status, stderr } = runTool('/bin/sh', ['-c', script, join(root, 'debian/build'), out])
    return { status, stderr, made: readdirSync(out) }
  }

  /** A program that is quick to pack in the place of Node. */
  function replaceNode(root: string): void {
    const node = join(root, 'node_modules', nodePackage())
    rmSync(node)
    mkdirSync(join(node, 'bin'), { recursive: true })
    copyFileSync('/bin/true', join(node, 'bin/node'))
    chmodSync(join(node, 'bin/node'), 0o755)
    writeFileSync(join(node, 'package.json'), '{}')
    writeFileSync(join(node, 'LICENSE'), '')
  }

  /** All that goes into a package but a real Node, under this version. */
  function makeRelease(version: string): string {
    const root = makeSource()
    replaceNode(root)
    for (const name of ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'package-lock.json']) {
      copyFileSync(join(ROOT, name), join(root, name))
    }
    cpSync(join(ROOT, 'systemd'), join(root, 'systemd'), { recursive: true })
    const [hash = ''] = requireTool('sha256sum', ['/bin/true']).stdout.split(' ')
    writeFileSync(join(root, 'debian/node.sha256'), `${process.arch} unpacked ${hash}\n`)
    writeFileSync(join(root, 'package.json'), JSON.stringify({ version }, null, 2))
    return root
  }

  test('of a candidate makes a package that its release is an upgrade of', () => {
    const { status, stderr, made } = build(makeRelease('1.2.0-rc.1'))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const machine = requireTool('dpkg', ['--print-architecture']).stdout.trim()
    expect(made.toSorted()).toEqual([
      `otpgate-1.2.0-rc.1-linux-${process.arch}.tar.gz`,
      `otpgate_1.2.0~rc.1_${machine}.deb`,
    ])
    const isOlder = (than: string) =>
      runTool('dpkg', ['--compare-versions', '1.2.0~rc.1', 'lt', than]).status === 0
    expect(['1.2.0', '1.2.0~rc.2', '1.2.0~beta.9', '1.1.9'].map(isOlder)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('makes a tarball whose `install` can be begun from anywhere', () => {
    const root = makeRelease('1.2.3')
    const [tarball = ''] = build(root).made.filter((name) => name.endsWith('.gz'))
    requireTool('tar', ['-C', root, '-xzf', join(root, 'out', tarball)])
    const unpacked = join(root, `otpgate-1.2.3-linux-${process.arch}`)
    writeScript(join(unpacked, 'bin/install-host'), ['echo "$0 $*"'])
    const link = join(root, 'link')
    symlinkSync(join(unpacked, 'install'), link)
    for (const script of ['./link --x', 'cd "$0"; sh install --x', '"$0/install" --x']) {
      const { stdout } = requireTool('/bin/sh', ['-euc', `cd '${root}'; ${script}`, unpacked])
      expect(stdout).toBe(`${unpacked}/bin/install-host --x\n`)
    }
  })

  test('stops at a Node that is not the pinned one', () => {
    const root = makeSource()
    replaceNode(root)
    const { status, stderr, made } = build(root)
    expect({ status, made }).toEqual({ status: 1, made: [] })
    expect(stderr).toContain('not what debian/node.sha256 says')
  })

  test('stops where no client was compiled, and says what to install', () => {
    const root = makeSource()
    rmSync(join(root, 'dist/otpgate-client'))
    const { status, stderr, made } = build(root)
    expect({ status, made }).toEqual({ status: 1, made: [] })
    expect(stderr).toContain('musl-tools')
  })
})
