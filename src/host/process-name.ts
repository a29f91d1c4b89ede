import { writeFileSync } from 'node:fs'

/**
 * What ps(1) and systemctl(1) call this process, at most 15 bytes (proc_pid_comm(5)); Node's own name is
 * `MainThread`. Not process.title, which takes the arguments out of the command line.
 */
export function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name)
  } catch {
    // A name is no reason to fail.
  }
}
