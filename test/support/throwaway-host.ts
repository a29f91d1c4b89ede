import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authorizeKeys, createKeyPair, type KeyPair } from './client-key.ts'
import { createHostScope } from './host-scope.ts'
import { addPamService } from './pam-service.ts'
import { type PrivateSshd, type SshdOptions, startPrivateSshd } from './private-sshd.ts'
import { addSudoersFile } from './sudoers-file.ts'
import { sweepLeftovers } from './sweep.ts'
import { addTempUser, type TempUser, type TempUserOptions } from './temp-user.ts'

/** A user who can log in with a key. */
export interface HostUser extends TempUser {
  readonly key: KeyPair
}

/**
 * A host to try logins on, inside this one: users, PAM services and an sshd of its own, all under
 * names nobody else has, all gone after `close`. Needs root: see host-requirement.
 */
export interface ThrowawayHost {
  /** 0711, as users pass through it. */
  readonly directory: string
  /** 0700, for databases and keys. */
  readonly secretDirectory: string
  /** A user with a home, an authorized key and, on demand, a password. */
  addUser(options?: TempUserOptions): HostUser
  /** A key nobody has authorized. */
  createStrangerKey(): KeyPair
  /** An executable file in the host's directory; returns its path. Replaces one of that name. */
  writeProgram(name: string, text: string): string
  /** Rules for sudo, for users of this host alone; returns the file. */
  addSudoersFile(rules: string): string
  /** Returns the service's name. */
  addPamService(content: string): string
  startSshd(options: SshdOptions): Promise<PrivateSshd>
  /** Undoes everything; safe to repeat. Also done at exit, and on SIGINT, SIGTERM and SIGHUP. */
  close(): void
}

/** Removes what earlier, killed runs left, then opens a host of its own. */
export function openThrowawayHost(): ThrowawayHost {
  sweepLeftovers()
  const scope = createHostScope()
  const secretDirectory = join(scope.directory, 'secret')
  mkdirSync(secretDirectory, { mode: 0o700 })
  let keys = 0
  let sudoersFiles = 0
  const createKey = () => createKeyPair(join(secretDirectory, `client-key-${++keys}`))
  return {
    directory: scope.directory,
    secretDirectory,
    addUser: (options) => {
      const user = addTempUser(scope, options)
      const key = createKey()
      authorizeKeys(user, [key])
      return { ...user, key }
    },
    createStrangerKey: createKey,
    writeProgram: (name, text) => {
      const file = join(scope.directory, name)
      writeFileSync(file, text, { mode: 0o755 })
      return file
    },
    addSudoersFile: (rules) => addSudoersFile(scope, rules, ++sudoersFiles),
    addPamService: (content) => addPamService(scope, content),
    startSshd: (options) => startPrivateSshd(scope, options),
    close: () => scope.cleanup.run(),
  }
}
