import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authorizeKeys, createKeyPair, type KeyPair } from '../../support/client-key.ts'
import { codeOf } from '../../support/enrolled-person.ts'
import type { PrivateSshd } from '../../support/private-sshd.ts'
import { requireTool } from '../../support/run-tool.ts'
import { type ClientResult, loginWithSsh } from '../../support/ssh-client.ts'
import { enroll, type InstalledPerson, otpgate } from './installed-person.ts'

/** Still there after the next boot. */
export const LASTING = '/var/lib/otpgate-test'

/** An admin of this machine, with a key and a device that is confirmed. */
export interface SetUpPerson extends InstalledPerson {
  readonly key: KeyPair
}

/** What set-up changes, and what it leaves: each file with mode, owner and content. */
export function readSetUpFiles(): Readonly<Record<string, string>> {
  const directories = ['/etc/pam.d', '/etc/ssh', '/etc/systemd/system']
  const paths = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(directory, name),
    ),
  )
  return Object.fromEntries(paths.toSorted().map((path) => [path, describe(path)]))
}

function describe(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'a link to nothing'
  const content = stats.isFile() ? readFileSync(path, 'latin1') : ''
  return `${stats.mode.toString(8)} ${stats.uid}:${stats.gid}\n${content}`
}

/** A new user who can log in with a key, and has a device. */
export function addSetUpPerson(name: string): SetUpPerson {
  requireTool('useradd', ['--create-home', '--shell', '/bin/sh', name])
  mkdirSync(LASTING, { recursive: true, mode: 0o700 })
  const key = createKeyPair(join(LASTING, 'key'))
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(requireTool('id', [flag, name]).stdout))
  authorizeKeys({ name, uid: uid ?? 0, gid: gid ?? 0, home: `/home/${name}` }, [key])
  const person = enroll(name)
  otpgate(['confirm', name], `${codeOf(person.app)}\n`)
  return { ...person, key }
}

/** Logs in to the machine's own sshd, with the key and what is typed behind it. */
export function logIn(
  { name, key }: SetUpPerson,
  ...answers: readonly string[]
): Promise<ClientResult> {
  const typed = answers.length === 0 ? {} : { answers }
  return loginWithSsh(ownSshd(), { user: name, key, command: 'id -un', ...typed })
}

function ownSshd(): PrivateSshd {
  const directory = mkdtempSync('/run/otpgate-test-')
  const knownHosts = join(directory, 'known_hosts')
  writeFileSync(
    knownHosts,
    `127.0.0.1 ${readFileSync('/etc/ssh/ssh_host_ed25519_key.pub', 'utf8')}`,
  )
  const rest = { pid: 0, directory, knownHosts, fingerprint: '', readLog: () => '' }
  return { host: '127.0.0.1', port: 22, ...rest }
}

/** How far the set-up is, by `otpgate setup status`; times are RFC 3339. */
export interface SetUpStatus {
  readonly phase: string
  readonly ended_at?: string
}

/** `undefined`: there was none. */
export function readStatus(): SetUpStatus | undefined {
  return JSON.parse(otpgate(['setup', 'status', '--json'])) ?? undefined
}

export function readPhase(): string | undefined {
  return readStatus()?.phase
}
