import { readFileSync } from 'node:fs'
import { toPrintable } from '../base/text.ts'
import { type Environment, readEnvironment } from './environment.ts'
import type { HostPasswd } from './passwd.ts'

/** (uid_t) -1: nobody has logged in on this way here, as for a timer or a daemon. */
const LOGIN_UID_UNSET = 4294967295

/** What the host says about who runs a command. */
export interface ActorFacts {
  /** /proc/self/loginuid, set at login by pam_loginuid and kept through sudo and su. */
  readonly loginUid: number | undefined
  readonly environment: Environment
  readonly uid: number
}

/**
 * Who runs the command, for the audit log, as printable text: the login uid's name; else what sudo
 * says, marked `claimed:`, since root can put anything there; else the name of the uid we run as.
 */
export function describeActor(
  passwd: Pick<HostPasswd, 'findByUid'>,
  facts: ActorFacts = readActorFacts(),
): string {
  const { SUDO_USER, SUDO_UID } = facts.environment
  if (facts.loginUid !== undefined) return nameOf(passwd, facts.loginUid)
  if (SUDO_USER) return `claimed:${toPrintable(SUDO_USER)}`
  if (SUDO_UID) return `claimed:uid ${toPrintable(SUDO_UID)}`
  return nameOf(passwd, facts.uid)
}

/** The facts about this process. */
export function readActorFacts(loginUidFile = '/proc/self/loginuid'): ActorFacts {
  return {
    loginUid: readLoginUid(loginUidFile),
    environment: readEnvironment(),
    uid: process.getuid?.() ?? 0,
  }
}

/** A kernel without audit support has no such file: that is the same as "not set". */
function readLoginUid(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'latin1').trim()
    return /^\d{1,10}$/.test(text) && Number(text) < LOGIN_UID_UNSET ? Number(text) : undefined
  } catch {
    return undefined
  }
}

/** A directory that is down must not stop an admin from getting people back in. */
function nameOf(passwd: Pick<HostPasswd, 'findByUid'>, uid: number): string {
  try {
    return toPrintable(passwd.findByUid(uid)?.name ?? `uid ${uid}`)
  } catch {
    return `uid ${uid}`
  }
}
