import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How many files the sshd that wrote this PID file may open at most (the hard RLIMIT_NOFILE of
 * getrlimit(2)), which its logins inherit; `undefined`: it does not run, or nobody can tell.
 */
export function findDescriptorLimit(pidFile: string, proc: string): number | undefined {
  const pid = /^\d+$/.exec(tryRead(pidFile)?.trim() ?? '')?.[0]
  if (pid === undefined || tryRead(join(proc, pid, 'comm'))?.trim() !== 'sshd') return undefined
  const limits = tryRead(join(proc, pid, 'limits')) ?? ''
  const hard = /^Max open files +\S+ +(\d+)/m.exec(limits)?.[1]
  return hard === undefined ? undefined : Number(hard)
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
