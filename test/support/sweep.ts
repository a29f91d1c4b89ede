import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from './host-scope.ts'
import { PAM_DIRECTORY, SERVICE_NAME } from './pam-service.ts'
import { endProcessesNaming, endProcessTree, isRunning } from './process-tree.ts'
import { readSshdProcess } from './sshd-process.ts'
import { SUDOERS_DIRECTORY, SUDOERS_NAME } from './sudoers-file.ts'
import { removeTempUser, USER_NAME } from './temp-user.ts'

const DIRECTORY_NAME = new RegExp(`^${DIRECTORY_PREFIX}(\\d+)-\\w+$`)

/**
 * Removes what runs left that were killed before they could clean up: sshd processes, users, PAM
 * services and directories whose names carry the id of a process that no longer runs.
 */
export function sweepLeftovers(): void {
  const directories = leftoversOf(DIRECTORY_NAME, readdirSync(tmpdir()))
    .map((name) => join(tmpdir(), name))
    .filter(isOurDirectory)
  for (const directory of directories) endSshdsOf(directory)
  for (const name of leftoversOf(USER_NAME, userNames())) sweepUser(name)
  for (const name of leftoversOf(SERVICE_NAME, readdirSync(PAM_DIRECTORY))) {
    rmSync(join(PAM_DIRECTORY, name), { force: true })
  }
  for (const name of leftoversOf(SUDOERS_NAME, namesIn(SUDOERS_DIRECTORY))) {
    rmSync(join(SUDOERS_DIRECTORY, name), { force: true })
  }
  for (const directory of directories) endProcessesNaming(directory)
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
}

function leftoversOf(pattern: RegExp, names: readonly string[]): string[] {
  return names.filter((name) => {
    const owner = pattern.exec(name)?.[1]
    return owner !== undefined && !isRunning(Number(owner))
  })
}

/** Everybody may write to /tmp: a note found in somebody else's directory must end no process. */
function isOurDirectory(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === process.getuid?.()
}

function endSshdsOf(directory: string): void {
  for (const name of namesIn(directory)) {
    const left = readSshdProcess(join(directory, name))
    if (left !== undefined) endProcessTree(left)
  }
}

/** None where it is not there, or another test file was quicker to sweep it. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Another test file may be sweeping the same user: whoever comes second finds nothing to do. */
function sweepUser(name: string): void {
  try {
    removeTempUser(name)
  } catch (error) {
    if (userNames().includes(name)) throw error
  }
}

function userNames(): string[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':')[0] ?? '')
}
