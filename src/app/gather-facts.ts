import { parseIpAddress } from '../base/ip-network.ts'
import type { AttemptId } from '../domain/attempt.ts'
import { groupsOf } from '../domain/exemption.ts'
import type { FirstFactor } from '../domain/first-factor.ts'
import type { LoginFacts } from '../domain/login.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { hashConnection } from '../domain/ticket.ts'
import type { Passwd } from './ports.ts'

/** A login as PAM and sshd describe it; nothing of it is proven or canonical yet. */
export interface LoginRequest {
  readonly user: string
  readonly service: string
  readonly tty: string | undefined
  readonly remoteHost: string | undefined
  /** SSH_CONNECTION: client address, client port, server address, server port. */
  readonly sshConnection: string | undefined
  /** What SSH_AUTH_INFO_0 proves. */
  readonly firstFactor: FirstFactor | undefined
  /** Where the client may ask twice. */
  readonly attempt?: AttemptId | undefined
}

/**
 * First step of a login: who, from where, and what is proven. `undefined`: the passwd database knows
 * no such user. Throws ERR_PASSWD_FAILED when it could not be asked.
 */
export function gatherFacts(
  passwd: Passwd,
  { login }: Pick<VerifyPolicy, 'login'>,
  request: LoginRequest,
  origin: LoginOrigin = gatherOrigin(request),
): LoginFacts | undefined {
  // Whoever is on the host already may read its passwd database; a stranger must not time it.
  const isStranger = origin.isSsh && origin.firstFactor === undefined
  const entry = passwd.findByName(request.user, isStranger ? 'evenly' : 'quickly')
  if (entry === undefined) return undefined
  const { joined, missing } = passwd.findGroups(entry, groupsOf(login.exemptions))
  return { ...origin, name: entry.name, uid: entry.uid, groups: joined, missingGroups: missing }
}

/** All that is known of a login before anybody is looked up. */
export type LoginOrigin = Omit<LoginFacts, 'name' | 'uid' | 'groups' | 'missingGroups'>

/** Reads it off what PAM and sshd say. */
export function gatherOrigin(request: LoginRequest): LoginOrigin {
  return {
    service: request.service,
    isSsh: isSsh(request),
    address: findAddress(request),
    connection: findConnection(request),
    firstFactor: request.firstFactor,
    provesFirstFactor: false,
    attempt: request.attempt,
  }
}

/** Whatever the service is called: sshd sets the terminal to `ssh` (PAM_TTY). */
export function isSsh(request: Pick<LoginRequest, 'tty' | 'sshConnection'>): boolean {
  return request.tty === 'ssh' || request.sshConnection !== undefined
}

/** SSH_CONNECTION stays numeric where UseDNS turns PAM_RHOST into a name. */
export function findAddress(request: LoginRequest): LoginFacts['address'] {
  const { sshConnection, remoteHost } = request
  if (sshConnection !== undefined) return parseIpAddress(sshConnection.split(' ')[0] ?? '')
  return remoteHost === undefined ? undefined : parseIpAddress(remoteHost)
}

/** Without an address (`UNKNOWN`, sshd on a pipe) all connections look alike, and none gets a ticket. */
function findConnection({ sshConnection }: LoginRequest): LoginFacts['connection'] {
  const client = sshConnection?.split(' ')[0] ?? ''
  if (sshConnection === undefined || parseIpAddress(client) === undefined) return undefined
  return hashConnection(sshConnection)
}
