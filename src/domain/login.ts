import type { IpAddress } from '../base/ip-network.ts'
import type { AttemptId } from './attempt.ts'
import type { Exemption } from './exemption.ts'
import type { FirstFactor } from './first-factor.ts'
import type { AccountName, Uid } from './name.ts'
import type { ConnectionHash } from './ticket.ts'

/** Who wants in, from where, and what is proven already: gathered before anything is judged. */
export interface LoginFacts {
  readonly name: AccountName
  readonly uid: Uid
  /** Of the groups that the policy names, those the person is in. */
  readonly groups: readonly string[]
  /** Of the groups that the policy names, those that are not there: nobody can tell who is in them. */
  readonly missingGroups: readonly string[]
  /** PAM service, such as `sshd`. */
  readonly service: string
  readonly isSsh: boolean
  readonly address: IpAddress | undefined
  readonly connection: ConnectionHash | undefined
  readonly firstFactor: FirstFactor | undefined
  /** The first factor came in the same answer as the code, so sshd has none to show. */
  readonly provesFirstFactor: boolean
  /** Where the client may ask twice. */
  readonly attempt: AttemptId | undefined
}

/** `[policy]` of the configuration. */
export interface LoginPolicy {
  readonly unenrolled: 'deny' | 'allow'
  /** Services in which a code may be the only factor of an SSH login. */
  readonly codeAlone: readonly string[]
  readonly exemptions: readonly Exemption[]
  /** How long a login is remembered for after a right code; 0: not at all. */
  readonly rememberSeconds: number
}

/**
 * Whether the code may be looked at: in an SSH login a first factor has to be proven before, or the
 * code would be the only one, and anybody could guess and lock at will.
 */
export function mayAskForCode(
  facts: Pick<LoginFacts, 'isSsh' | 'firstFactor' | 'service'>,
  policy: LoginPolicy,
): boolean {
  return !facts.isSsh || facts.firstFactor !== undefined || policy.codeAlone.includes(facts.service)
}
