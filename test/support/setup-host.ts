import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { COMMAND_LINE, type Otpgate, type OtpgateHost, openOtpgateHost } from './otpgate-host.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { endProcessesWithin, mountNamespaceOf } from './process-tree.ts'
import { type ProgramOptions, type ProgramResult, runProgram } from './run-program.ts'
import { findFreePort, greetsAsSsh } from './tcp-port.ts'

/** What set-up changes, or looks at, of a host; each is another directory inside the host. */
const OWN = ['/etc/pam.d', '/etc/ssh', '/var/lib'] as const
const START_WAIT_MS = 10_000
const POLL_MS = 50

/**
 * A host whose /etc/pam.d, /etc/ssh and /var/lib are its own, in a mount namespace, with an sshd as
 * Debian sets it up: there `otpgate setup ssh` runs as it is, and nothing of this machine is changed.
 */
export interface SetupHost extends OtpgateHost {
  readonly otpgate: Otpgate
  /** Where the files of `/etc/pam.d/sshd` and its like really lie. */
  own(path: string): string
  /** Runs a program in there, to its end. */
  runInside(file: string, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** `otpgate setup ...` on this host. */
  setup(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** Arguments that run a program in there, for who starts it otherwise. */
  readonly enter: readonly string[]
  startSshd(): Promise<PrivateSshd>
  /** Each file of /etc/pam.d and /etc/ssh with mode, owner and content. */
  readFiles(): ReadonlyMap<string, string>
}

/** Needs root, unshare(1) and nsenter(1). */
export async function openSetupHost(toml = ''): Promise<SetupHost> {
  const host = openOtpgateHost()
  const tree = join(host.secretDirectory, 'tree')
  const own = (path: string) => join(tree, path)
  layTree(own)
  const holder = await holdNamespace(tree)
  const inside = mountNamespaceOf(holder)
  const enter = ['nsenter', `--mount=/proc/${holder}/ns/mnt`, '--']
  const runInside: SetupHost['runInside'] = (file, args, options) =>
    runProgram(enter[0] ?? '', [...enter.slice(1), file, ...args], options)
  const otpgate = await host.install(toml)
  // Last, as sshd takes it next: the longer it is free, the likelier another test takes it.
  const port = await findFreePort()
  writeSshdConfig(own, port)
  return {
    ...host,
    otpgate,
    own,
    enter,
    runInside,
    setup: (args, options) =>
      runInside(COMMAND_LINE, ['--config', otpgate.configFile, 'setup', ...args], options),
    startSshd: () => startSshd(own, port, runInside),
    readFiles: () => readFiles(own),
    close: () => {
      // An sshd that set-up has started anew names nothing of this host.
      endProcessesWithin(inside)
      return host.close()
    },
  }
}

function layTree(own: SetupHost['own']): void {
  // Other tests have services of their own in /etc/pam.d, which come and go.
  const filter = (path: string) => !basename(path).startsWith('otpgate-')
  for (const path of ['/etc/pam.d', '/etc/ssh'])
    cpSync(path, own(path), { recursive: true, filter })
  mkdirSync(own('/var/lib'), { recursive: true })
}

/** Debian's file, with a port of its own: below its Include, as an admin would add it. */
function writeSshdConfig(own: SetupHost['own'], port: number): void {
  const file = own('/etc/ssh/sshd_config')
  const settings = [
    '',
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `PidFile ${own('/sshd.pid')}`,
    // Homes of the tests lie below /tmp.
    'StrictModes no',
    '',
  ]
  appendFileSync(file, settings.join('\n'))
}

/** The process id of one that has the namespace, until its standard input ends. */
async function holdNamespace(tree: string): Promise<number> {
  const mounts = OWN.map((path) => `mount --bind ${join(tree, path)} ${path}`)
  const script = [...mounts, 'echo ready', 'read -r _'].join(' && ')
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', script]
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.on('error', reject).on('exit', () => reject(new Error('no mount namespace')))
  })
  // Neither keeps the tests waiting; the host's cleanup ends what names its directory.
  holder.unref()
  if (holder.pid === undefined) throw new Error('no mount namespace')
  return holder.pid
}

async function startSshd(
  own: SetupHost['own'],
  port: number,
  runInside: SetupHost['runInside'],
): Promise<PrivateSshd> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const log = own('/sshd.log')
  const { stderr, status } = await runInside('/usr/sbin/sshd', ['-E', log])
  if (status !== 0) throw new Error(`sshd does not start: ${stderr}`)
  const patienceEnds = Date.now() + START_WAIT_MS
  while (!(await greetsAsSsh(port, POLL_MS))) {
    if (Date.now() > patienceEnds) throw new Error(readFileSync(log, 'utf8'))
  }
  const directory = own('/client')
  mkdirSync(directory)
  const knownHosts = join(directory, 'known_hosts')
  const hostKey = readFileSync(own('/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}`)
  return {
    host: '127.0.0.1',
    port,
    pid: Number(readFileSync(own('/sshd.pid'), 'utf8')),
    directory,
    knownHosts,
    fingerprint: '',
    readLog: () => readFileSync(log, 'utf8'),
  }
}

function readFiles(own: SetupHost['own']): ReadonlyMap<string, string> {
  const files = ['/etc/pam.d', '/etc/ssh', '/etc/ssh/sshd_config.d'].flatMap((directory) =>
    readdirSync(own(directory)).map((name) => join(directory, name)),
  )
  return new Map(files.toSorted().map((path) => [path, describe(own(path))]))
}

function describe(path: string): string {
  const { mode, uid, gid } = statSync(path)
  const content = statSync(path).isDirectory() ? '' : readFileSync(path, 'latin1')
  return `${mode.toString(8)} ${uid}:${gid}\n${content}`
}
