import { readFileSync, symlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { type BoundResult, endGroup, runBound, startBound } from './bound-process.ts'

const TIME_LIMIT_MILLISECONDS = 10_000
/** From here on an option names the PAM service, as 100 times the major number and the minor one. */
const VERSION_WITH_PAM_SERVICE_NAME = 908

/** An sshd of the host to be tried, with files of the trial's own. */
export interface TrialSshd {
  /** Absolute. */
  readonly program: string
  readonly config: string
  readonly log: string
}

/** Connections to it are answered by the sshd on trial. */
export interface TrialListener {
  /** Of 127.0.0.1. */
  readonly port: number
  close(): void
}

/**
 * Whether the name that sshd is called by names its PAM service, as it did before 9.8. Throws
 * ERR_SETUP_STATE where this is no OpenSSH.
 */
export async function isNamedByProgram(program: string): Promise<boolean> {
  // Before 9.3 there is no -V: sshd complains about it, and says its version in the same breath.
  const said = await runBound({ program, args: ['-V'] }, TIME_LIMIT_MILLISECONDS)
  const match = /OpenSSH_(\d+)\.(\d+)/.exec(`${said?.stdout ?? ''}${said?.stderr ?? ''}`)
  if (match !== null) {
    return Number(match[1]) * 100 + Number(match[2]) < VERSION_WITH_PAM_SERVICE_NAME
  }
  throw new AppError('ERR_SETUP_STATE', `${program} does not say which OpenSSH it is`, {
    hint: `see what it says: ${program} -V`,
  })
}

/** A name for sshd by which it takes `service` for its PAM service, before 9.8. */
export function linkSshd(program: string, directory: string, service: string): string {
  const link = join(directory, service)
  symlinkSync(program, link)
  return link
}

/** Has sshd look at a configuration and its host keys (sshd -t); what it complains of, if anything. */
export async function testSshdConfig(program: string, config: string): Promise<string | undefined> {
  const args = ['-t', '-f', config]
  const result = await runBound({ program, args }, TIME_LIMIT_MILLISECONDS)
  return result?.status === 0 ? undefined : complaintOf(result)
}

function complaintOf(result: BoundResult | undefined): string {
  if (result === undefined) return 'it cannot be run'
  return result.stderr.split('\n').find((line) => line.trim() !== '') ?? 'it gave no reason'
}

/**
 * Listens on a free port of 127.0.0.1, and has one sshd for each connection (sshd -i): whatever the
 * host's own configuration says of ports and addresses, nothing else is listened on, and with its
 * connection each sshd is gone.
 */
export async function listenForSshd(sshd: TrialSshd): Promise<TrialListener> {
  const args = ['-i', '-f', sshd.config, '-E', sshd.log]
  const serve = (socket: Socket) => {
    const child = startBound({ program: sshd.program, args }, [socket, socket, 'ignore'])
    child.on('error', () => socket.destroy())
    child.on('spawn', () => socket.destroy())
    running.add(child)
    child.on('close', () => running.delete(child))
  }
  const running = new Set<ReturnType<typeof startBound>>()
  // Paused: not a byte of it is for this process.
  const server = createServer({ pauseOnConnect: true }, serve)
  const port = await listen(server)
  return {
    port,
    close() {
      server.close()
      for (const child of running) endGroup(child)
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
}

/** What the sshd of a trial has logged so far; empty where it never came to that. */
export function readTrialLog(log: string): string {
  try {
    return readFileSync(log, 'utf8')
  } catch {
    return ''
  }
}
