import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostScope } from './host-scope.ts'
import { endProcessTree, findProcess, type ProcessId } from './process-tree.ts'
import { BARE_ENVIRONMENT } from './run-program.ts'
import { runTool } from './run-tool.ts'
import { isNamedByProgram, parseSshdVersion, type SshdVersion } from './sshd-config.ts'

export const SSHD_PROGRAM = '/usr/sbin/sshd'

/** In each sshd's directory: process id and start, for the sweep after a run that was killed. */
const PROCESS_FILE = 'sshd.process'

export interface SshdProcess {
  readonly pid: number
  /** False once it has ended. */
  isAlive(): boolean
}

/** Version of the sshd installed here. */
export function findSshdVersion(): SshdVersion {
  // Before 9.3 there is no -V: sshd complains about it, and says its version in the same breath.
  const { stdout, stderr } = runTool(SSHD_PROGRAM, ['-V'])
  return parseSshdVersion(stdout + stderr)
}

/** The program to start for this PAM service: before 9.8 the name it is called by chooses it. */
export function linkSshd(directory: string, service: string, version: SshdVersion): string {
  if (!isNamedByProgram(version)) return SSHD_PROGRAM
  const link = join(directory, service)
  symlinkSync(SSHD_PROGRAM, link)
  return link
}

/** Starts sshd in the foreground of a session of its own, until the cleanup. */
export function spawnSshd(
  scope: HostScope,
  directory: string,
  command: { readonly program: string; readonly args: readonly string[] },
): SshdProcess {
  const child = spawn(command.program, ['-D', ...command.args], {
    cwd: '/',
    env: BARE_ENVIRONMENT,
    stdio: 'ignore',
    detached: true,
  })
  child.on('error', () => {
    // Said below, where there is no process: an unheard event would end the whole program.
  })
  // A forgotten close must not keep the program waiting for sshd: the cleanup at exit ends it.
  child.unref()
  const started = child.pid === undefined ? undefined : findProcess(child.pid)
  if (started === undefined) throw new Error(`cannot start ${command.program}`)
  scope.cleanup.add(`sshd ${started.pid}`, () => endProcessTree(started))
  writeFileSync(join(directory, PROCESS_FILE), `${started.pid} ${started.startedAt}\n`)
  return { pid: started.pid, isAlive: () => isAlive(child) }
}

/** The sshd that was started in this directory, whether it still runs or not. */
export function readSshdProcess(directory: string): ProcessId | undefined {
  try {
    const text = readFileSync(join(directory, PROCESS_FILE), 'utf8')
    const match = /^(\d+) (\d+)$/.exec(text.trim())
    return match === null ? undefined : { pid: Number(match[1]), startedAt: match[2] ?? '' }
  } catch {
    return undefined
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
