import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Command } from 'commander'
import { deviceSecretContext } from '../../src/app/device-secret.ts'
import type { Vault } from '../../src/app/ports.ts'
import { doctorCommand } from '../../src/cli/commands/doctor.ts'
import type { Session } from '../../src/cli/context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../../src/cli/open-session.ts'
import type { CheckReport } from '../../src/doctor/examine.ts'
import type { HostPlaces } from '../../src/doctor/facts.ts'
import type { Change } from '../../src/domain/change.ts'
import type { AccountName } from '../../src/domain/name.ts'
import { loadConfig, openPorts, prepareStorage, verifyPolicy } from '../../src/wire.ts'
import { createFakeCli } from '../cli/fake-cli.ts'
import {
  ALICE,
  ALICE_UID,
  buildDevice,
  buildRecoveryCode,
  NOW,
  toAccountName,
  toUid,
} from '../support/account-fixture.ts'
import { createKeyPair } from '../support/client-key.ts'
import type { ScratchPath } from '../support/scratch-directory.ts'
import { HOST_PASSWD } from './host-passwd.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const MASTER_KEY_BYTES = 32
const RECOVERY_CODES = 10

const LOCAL_SERVICES = ['sudo', 'sudo-i', 'su', 'su-l', 'otpgate-code'] as const

/** Debian's, as far as a login by SSH meets it. */
const COMMON: Readonly<Record<string, string>> = {
  'common-auth':
    'auth [success=1 default=ignore] pam_unix.so nullok\n' +
    'auth requisite pam_deny.so\nauth required pam_permit.so\n',
  'common-account':
    'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n' +
    'account requisite pam_deny.so\naccount required pam_permit.so\n',
  'common-session': 'session required pam_unix.so\n',
  'common-session-noninteractive': 'session required pam_unix.so\n',
}

/** What `doctor --json` prints, as far as tests look at it. */
export interface SeenReport {
  readonly problems: number
  readonly warnings: number
  readonly notes: number
  readonly checks: readonly {
    readonly check: string
    readonly verdict: CheckReport['verdict']
    readonly because: string | null
    readonly findings: CheckReport['findings']
  }[]
}

/** A tree with all that a host has which doctor looks at, and nothing wrong with it. */
export interface SickHost {
  readonly places: HostPlaces
  readonly configFile: string
  readonly keyFile: string
  readonly databaseFile: string
  readonly verifier: string
  /** Writes a file of the tree, named from its top. */
  write(name: string, text: string, mode?: number): void
  /** Puts one shipped recipe behind sshd, with its side of sshd_config. */
  useRecipe(name: string, dropIn: string): void
  /** Adds one of the shipped drop-ins of sshd. */
  useDropIn(name: string): void
  /** Changes what is stored about alice. */
  change(...changes: readonly Change[]): Promise<void>
  /** Changes what the passwd database says. */
  setUidOfAlice(uid: number): void
  /** Runs SQL on the database, past otpgate. */
  tamper(sql: string): void
  /** Gives root a device. */
  enrollRoot(): Promise<void>
  /** `otpgate doctor ... --json`, with its exit status. */
  examine(...args: readonly string[]): Promise<{ status: number; report: SeenReport }>
  /** The checks that found something: `name: verdict`. */
  complaints(...args: readonly string[]): Promise<readonly string[]>
}

/** Lays it down in an empty scratch directory. Needs root, as sshd does to say its settings. */
export async function laySickHost(scratch: ScratchPath): Promise<SickHost> {
  const write = (name: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(scratch(name)), { recursive: true })
    writeFileSync(scratch(name), text, { mode })
  }
  const places: HostPlaces = {
    sshd: '/usr/sbin/sshd',
    sshdConfig: scratch('ssh/sshd_config'),
    pamDirectories: [scratch('pam.d'), scratch('vendor-pam.d')],
    programRoot: scratch('program'),
    verifier: scratch('program/otpgate-verify'),
    usualConfig: scratch('etc/otpgate.toml'),
    getent: scratch('getent'),
    logSocket: scratch('log'),
    timedatectl: scratch('timedatectl'),
    systemctl: scratch('systemctl'),
    unitDirectories: [scratch('units')],
    daemonSocket: scratch('run/otpgated.sock'),
    setupState: scratch('setup'),
    proc: scratch('proc'),
  }
  const files = layOtpgate(scratch, write)
  const verifier = scratch('program/otpgate-verify')
  const example = (name: string) =>
    readFileSync(join(EXAMPLES, name), 'utf8').replaceAll(
      '/usr/lib/otpgate/otpgate-verify',
      verifier,
    )
  const useRecipe = (name: string, dropIn: string) => {
    write(`pam.d/${name}`, example(`pam.d/${name}`))
    write(
      'pam.d/sshd',
      `@include ${name}\n@include common-account\nsession required pam_limits.so\n`,
    )
    write('ssh/drop-in/00-otpgate.conf', example(`sshd_config.d/${dropIn}`))
  }
  layHost(scratch, write)
  for (const name of LOCAL_SERVICES) write(`pam.d/${name}`, example(`pam.d/${name}`))
  useRecipe('otpgate-key-then-code', '00-otpgate.conf')
  const host = {
    places,
    ...files,
    verifier,
    write,
    useRecipe,
    setUidOfAlice: (uid: number) => write('passwd', passwdWith(uid)),
    tamper: (sql: string) => {
      const db = new Database(files.databaseFile)
      db.exec(sql)
      db.close()
    },
    useDropIn: (name: string) => write(`ssh/drop-in/${name}`, example(`sshd_config.d/${name}`)),
    ...openHost(places, files.configFile),
  }
  await host.change({ kind: 'create-account', uid: ALICE_UID, at: NOW }, ...secondFactor())
  return host
}

/** A phone, and a full sheet of recovery codes. */
function secondFactor(): readonly Change[] {
  return [{ kind: 'add-device', device: buildDevice() }, ...recoveryCodes(RECOVERY_CODES)]
}

/** New ones, unused; `prefix`: a hex digit that sets their ids apart. */
export function recoveryCodes(count: number, prefix = 'c'): readonly Change[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'add-one-time-code',
    code: buildRecoveryCode({ id: `${prefix}${index}`.repeat(16), selector: `SEL${index}` }),
  }))
}

function layOtpgate(scratch: ScratchPath, write: SickHost['write']) {
  const configFile = scratch('etc/otpgate.toml')
  const keyFile = scratch('etc/master.key')
  const databaseFile = scratch('data/otpgate.db')
  write('etc/otpgate.toml', `[store]\npath = "${databaseFile}"\nkey_file = "${keyFile}"\n`)
  writeFileSync(keyFile, randomBytes(MASTER_KEY_BYTES), { mode: 0o400 })
  mkdirSync(dirname(databaseFile), { mode: 0o700 })
  prepareStorage(loadConfig(configFile), ADMIN_TIME_LIMIT)
  return { configFile, keyFile, databaseFile }
}

function layHost(scratch: ScratchPath, write: SickHost['write']): void {
  for (const name in COMMON) write(`pam.d/${name}`, COMMON[name] ?? '')
  mkdirSync(scratch('ssh'))
  const hostKey = createKeyPair(scratch('ssh/host_key')).file
  const text = `Include ${scratch('ssh/drop-in')}/*.conf\nHostKey ${hostKey}\nPermitRootLogin no\n`
  write('ssh/sshd_config', text)
  write('program/otpgate-verify', '#!/bin/sh\nexit 1\n', 0o755)
  write('getent', `#!/bin/sh\ncat ${scratch('passwd')}\n`, 0o755)
  write('passwd', passwdWith(ALICE_UID))
  write('log', '')
  write('timedatectl', '#!/bin/sh\necho yes\n', 0o755)
}

function passwdWith(uidOfAlice: number): string {
  return (
    'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n' +
    `alice:x:${uidOfAlice}:1000::/home/alice:/bin/bash\n`
  )
}

function openHost(places: HostPlaces, configFile: string) {
  const openSession = (path: string): Session => {
    const config = asAdmin(() => loadConfig(path))
    const ports = { ...openPorts(config, ADMIN_TIME_LIMIT, () => NOW), passwd: HOST_PASSWD }
    return { config, policy: verifyPolicy(config), ports }
  }
  const changeOf = async (name: AccountName, changes: readonly Change[]) => {
    const { ports } = openSession(configFile)
    const sealed = changes.map((change) => seal(ports.vault, name, change))
    await ports.store.transact(name, () => ({ changes: sealed, result: undefined }))
    ports.close()
  }
  const change: SickHost['change'] = (...changes) => changeOf(ALICE, changes)
  const enrollRoot: SickHost['enrollRoot'] = () =>
    changeOf(toAccountName('root'), [
      { kind: 'create-account', uid: toUid(0), at: NOW },
      { kind: 'add-device', device: buildDevice({ id: 'f'.repeat(32) }) },
      ...recoveryCodes(RECOVERY_CODES, 'd'),
    ])
  const examine: SickHost['examine'] = async (...args) => {
    let printed = ''
    let status = 0
    const cli = {
      ...createFakeCli().cli,
      openSession,
      print: (text: string | Uint8Array) => {
        printed += text
      },
      setStatus: (wanted: number) => {
        status = wanted
      },
    }
    const program = new Command().option('--config <file>').option('--json')
    program.addCommand(doctorCommand(cli, places))
    const words = ['--config', configFile, '--json', 'doctor', ...args]
    await program.parseAsync(words, { from: 'user' })
    return { status, report: JSON.parse(printed) }
  }
  const complaints: SickHost['complaints'] = async (...args) =>
    (await examine(...args)).report.checks
      .filter(({ findings }) => findings.length > 0)
      .map(({ check, verdict }) => `${check}: ${verdict}`)
  return { change, enrollRoot, examine, complaints }
}

/** Devices are built with their secret as it is. */
function seal(vault: Vault, name: AccountName, change: Change): Change {
  if (change.kind !== 'add-device') return change
  const { device } = change
  const uid = name === ALICE ? ALICE_UID : toUid(0)
  const context = deviceSecretContext({ name, uid }, device)
  const sealedSecret = vault.seal(device.sealedSecret, context)
  return { ...change, device: { ...device, sealedSecret, keyId: vault.keyId } }
}
