import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createKeyPair, fingerprintOf } from './client-key.ts'
import type { HostScope } from './host-scope.ts'
import { renderSshdConfig } from './sshd-config.ts'
import { findSshdVersion, linkSshd, type SshdProcess, spawnSshd } from './sshd-process.ts'
import { findFreePort, greetsAsSsh } from './tcp-port.ts'

/** sshd chroots its unprivileged half into it. Never removed: another sshd may be using it. */
const PRIVILEGE_SEPARATION_DIRECTORY = '/run/sshd'

const START_WAIT_MS = 10_000
const POLL_MS = 20
const PORT_TRIES = 5

export interface SshdOptions {
  /** A service of addPamService. */
  readonly service: string
  /** sshd_config lines, which win over the defaults; Match blocks may follow them. */
  readonly config?: string
}

export interface PrivateSshd {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** Its files; clients put theirs here as well. Root only. */
  readonly directory: string
  readonly knownHosts: string
  /** `SHA256:...` of the host key. */
  readonly fingerprint: string
  /** What sshd has logged so far, at DEBUG1. */
  readLog(): string
}

/** An sshd of our own on a free port of 127.0.0.1, until the cleanup. Throws with its log. */
export async function startPrivateSshd(
  scope: HostScope,
  { service, config = '' }: SshdOptions,
): Promise<PrivateSshd> {
  mkdirSync(PRIVILEGE_SEPARATION_DIRECTORY, { recursive: true, mode: 0o755 })
  const directory = mkdtempSync(join(scope.directory, 'sshd-'))
  const hostKey = createKeyPair(join(directory, 'host_key'))
  const log = join(directory, 'log')
  const configFile = join(directory, 'sshd_config')
  const version = findSshdVersion()
  const program = linkSshd(directory, service, version)
  const readLog = () => readFileSync(log, 'utf8')
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = await findFreePort()
    const files = { port, hostKey: hostKey.file, service }
    writeFileSync(configFile, renderSshdConfig(config, files, version))
    writeFileSync(log, '')
    const args = ['-f', configFile, '-E', log]
    const sshd = spawnSshd(scope, directory, { program, args })
    if (await isUp(sshd, port)) {
      const knownHosts = join(directory, 'known_hosts')
      writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey.publicLine}\n`)
      const fingerprint = fingerprintOf(hostKey)
      return { host: '127.0.0.1', port, pid: sshd.pid, directory, knownHosts, fingerprint, readLog }
    }
    // Between finding the port and taking it, another test may have taken it.
    if (!readLog().includes('Address already in use')) break
  }
  throw new Error(`sshd does not start:\n${readLog()}`)
}

async function isUp(sshd: SshdProcess, port: number): Promise<boolean> {
  const patienceEnds = Date.now() + START_WAIT_MS
  while (sshd.isAlive() && Date.now() < patienceEnds) {
    if (await greetsAsSsh(port, POLL_MS)) return sshd.isAlive()
  }
  return false
}
