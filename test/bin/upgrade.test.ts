import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readSchemaVersion } from '../../src/store/sqlite/migrate.ts'
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts'
import { tamper } from '../store/sqlite/sqlite-file.ts'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { CHECKOUT_VERSION, makeCheckout, makeDirectory } from './temporary-checkout.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const ONE_MORE = 'CREATE TABLE later (name TEXT NOT NULL) STRICT'
const KEY = 'publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5'
const SLOW_BUILD_MS = 120_000

/** A checkout with our own verifier and command line, that have further migrations. */
function makeRelease(...further: readonly string[]): string {
  const source = makeDirectory()
  cpSync(join(REPOSITORY, 'src'), join(source, 'src'), { recursive: true })
  for (const script of ['build-image', 'build-image.ts']) {
    copyFileSync(join(REPOSITORY, script), join(source, script))
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(source, 'node_modules'))
  const about = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
  const version = CHECKOUT_VERSION
  writeFileSync(join(source, 'package.json'), JSON.stringify({ ...about, version }))
  const list = join(source, 'src/store/sqlite/migrations/list.ts')
  const text = readFileSync(list, 'utf8')
  const more = further.map((migration) => `, ${JSON.stringify(migration)}`).join('')
  writeFileSync(list, text.replace(/\]$/m, `${more}]`))
  for (const bundle of ['build:verify', 'build:cli']) {
    const { status, stderr } = spawnSync('npm', ['run', '--silent', bundle], {
      cwd: source,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }
  const root = makeCheckout()
  cpSync(join(REPOSITORY, 'examples'), join(root, 'examples'), { recursive: true })
  for (const name of readdirSync(join(source, 'dist'))) {
    copyFileSync(join(source, 'dist', name), join(root, 'dist', name))
  }
  return root
}

describe.skipIf(!canRunCommandLine())('an upgrade of a host', () => {
  let prefix: string
  let config: string
  let database: string

  /** A host with our own schema. */
  beforeEach(() => {
    prefix = makeDirectory()
    const host = makeDirectory()
    config = join(host, 'otpgate.toml')
    database = join(host, 'data/otpgate.db')
    const store = `[store]\npath = "${database}"\nkey_file = "${join(host, 'key')}"\n`
    writeFileSync(config, `${store}[policy]\nunenrolled = "allow"\n`, { mode: 0o644 })
    expect(install(makeRelease())).toMatchObject({ status: 0, stderr: '' })
    expect(otpgate('init').status).toBe(0)
    expect(schema()).toBe(MIGRATIONS.length)
  }, SLOW_BUILD_MS)

  function words(root: string): readonly string[] {
    return [join(root, 'bin/install-host'), '--prefix', prefix, '--config', config]
  }

  function install(root: string, [program = '', ...args] = words(root)) {
    return spawnSync('/bin/sh', ['-p', program, ...args], { encoding: 'utf8', cwd: '/' })
  }

  /** Has the installer of `root` find this line in PAM. */
  function nameInPam(root: string, line: string): void {
    const pam = makeDirectory()
    writeFileSync(join(pam, 'sshd'), `account required pam_nologin.so\nauth requisite ${line}\n`)
    const trial = join(root, 'bin/trial')
    const text = readFileSync(trial, 'utf8')
    writeFileSync(trial, text.replace('\npam=/etc/pam.d\n', `\npam=${pam}\n`))
  }

  function otpgate(...args: readonly string[]) {
    const program = join(prefix, 'bin/otpgate')
    return spawnSync(program, ['--config', config, ...args], { encoding: 'utf8', cwd: '/' })
  }

  /** One login of somebody unknown, whom the configuration lets in. */
  async function logIn(): Promise<number | null> {
    const env = { PAM_USER: 'root', PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', SSH_AUTH_INFO_0: KEY }
    const program = join(prefix, 'lib/otpgate/otpgate-verify-direct')
    const login = spawn(program, ['--config', config, '--excused'], { env, stdio: 'ignore' })
    const [status] = await once(login, 'exit')
    return status
  }

  function schema(): number {
    let version = 0
    tamper(database, (db) => {
      version = readSchemaVersion(db)
    })
    return version
  }

  function inForce(): string {
    return readlinkSync(join(prefix, 'lib/otpgate'))
  }

  test(
    'brings the database along, and denies nobody meanwhile',
    async () => {
      const newer = makeRelease(ONE_MORE)
      expect(await logIn()).toBe(0)
      const [sh = '', ...args] = ['/bin/sh', '-p', ...words(newer)]
      const installing = spawn(sh, args, { stdio: 'ignore' })
      const ended = once(installing, 'exit')
      const statuses: (number | null)[] = []
      while (installing.exitCode === null) statuses.push(...(await Promise.all([logIn(), logIn()])))
      expect(await ended).toEqual([0, null])
      expect(schema()).toBe(MIGRATIONS.length + 1)
      expect(new Set(statuses)).toEqual(new Set([0]))
      expect(otpgate('list').status).toBe(0)
    },
    SLOW_BUILD_MS,
  )

  test(
    'finds the configuration that PAM names, where nobody else does',
    () => {
      const newer = makeRelease(ONE_MORE)
      nameInPam(newer, `pam_exec.so ${prefix}/lib/otpgate/otpgate-verify --config ${config} --x`)
      const nowhere = join(makeDirectory(), 'otpgate.toml')
      writeFileSync(nowhere, `[store]\npath = "${nowhere}.db"\n`, { mode: 0o644 })
      const { status, stderr } = install(newer, [...words(newer).slice(0, -1), nowhere])
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(schema()).toBe(MIGRATIONS.length + 1)
    },
    SLOW_BUILD_MS,
  )

  test(
    'takes the database from no other installation that PAM names',
    () => {
      const newer = makeRelease(ONE_MORE)
      const verifier = join(makeDirectory(), 'otpgate-verify')
      writeFileSync(verifier, '', { mode: 0o755 })
      nameInPam(newer, `pam_exec.so ${verifier} --config ${config}`)
      const before = inForce()
      const { status, stderr } = install(newer)
      expect(status).toBe(1)
      expect(stderr).toContain(`\n${verifier}\n`)
      expect([inForce(), schema()]).toEqual([before, MIGRATIONS.length])
    },
    SLOW_BUILD_MS,
  )

  test(
    'to a version that cannot read the database is refused, and all stays',
    () => {
      tamper(database, (db) => db.pragma(`user_version = ${MIGRATIONS.length + 1}`))
      const before = inForce()
      const { status, stderr } = install(makeRelease())
      expect(status).toBe(1)
      expect(stderr).toContain('nothing was changed')
      expect(stderr).toContain('install the newer otpgate')
      expect([inForce(), schema()]).toEqual([before, MIGRATIONS.length + 1])
      expect(readdirSync(join(prefix, 'lib'))).toEqual(['otpgate', before])
    },
    SLOW_BUILD_MS,
  )

  test(
    'whose migration fails is refused, and all stays',
    async () => {
      const before = inForce()
      const { status, stderr } = install(makeRelease(ONE_MORE, 'CREATE TABLE account (name)'))
      expect(status).toBe(1)
      expect(stderr).toContain('nothing was changed')
      expect([inForce(), schema()]).toEqual([before, MIGRATIONS.length])
      expect(await logIn()).toBe(0)
    },
    SLOW_BUILD_MS,
  )

  test(
    'that does not take the configuration is refused',
    () => {
      const before = inForce()
      writeFileSync(config, `${readFileSync(config, 'utf8')}unheard_of = 1\n`)
      const { status, stderr } = install(makeRelease())
      expect(status).toBe(1)
      expect(stderr).toContain('unheard_of')
      expect(inForce()).toBe(before)
    },
    SLOW_BUILD_MS,
  )
})
