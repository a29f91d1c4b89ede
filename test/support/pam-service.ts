import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostScope } from './host-scope.ts'

export const PAM_DIRECTORY = '/etc/pam.d'

/** `otpgate-test-<process id>-<number>`; lower case, as PAM folds service names. */
export const SERVICE_NAME = /^otpgate-test-(\d+)-\d+$/

const MOST_SERVICES = 1000

/** Writes `content` as a PAM service of its own, until the cleanup; returns the service's name. */
export function addPamService(scope: HostScope, content: string): string {
  for (let number = 1; number <= MOST_SERVICES; number++) {
    const name = `otpgate-test-${process.pid}-${number}`
    const file = join(PAM_DIRECTORY, name)
    if (writeNew(file, content)) {
      scope.cleanup.add(`PAM service ${name}`, () => rmSync(file, { force: true }))
      return name
    }
  }
  throw new Error('too many PAM services of one process')
}

function writeNew(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx', mode: 0o644 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
