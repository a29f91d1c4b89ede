import { createHash } from 'node:crypto'
import { addSeconds, type UnixSeconds } from '../base/time.ts'
import { CLOCK_STEP_SECONDS } from './term.ts'

/** What proved the second factor. */
export const PROOF_METHODS = ['totp', 'hotp', 'recovery', 'bypass', 'excuse'] as const
export type ProofMethod = (typeof PROOF_METHODS)[number]

/** Left by the auth phase for the account phase of the very same connection, and consumed there. */
export interface Ticket {
  readonly connection: ConnectionHash
  readonly method: ProofMethod
  /** Both factors were proven in one answer: sshd then has nothing to show for the first. */
  readonly provesFirstFactor: boolean
  readonly expiresAt: UnixSeconds
}

declare const connectionHash: unique symbol
/** SHA-256 of SSH_CONNECTION, 64 lower-case hex digits. */
export type ConnectionHash = string & { readonly [connectionHash]: true }

/** A little more than sshd's LoginGraceTime of 120 s: the account phase follows within it. */
export const TICKET_LIFETIME_SECONDS = 150

/** Addresses and ports of one TCP connection, as one name of it. */
export function hashConnection(sshConnection: string): ConnectionHash {
  return createHash('sha256').update(sshConnection).digest('hex') as ConnectionHash
}

export function issueTicket(
  connection: ConnectionHash,
  proof: Pick<Ticket, 'method' | 'provesFirstFactor'>,
  now: UnixSeconds,
): Ticket {
  return { ...proof, connection, expiresAt: addSeconds(now, TICKET_LIFETIME_SECONDS) }
}

/** Whether the login of a row from this second has left it. */
export function isIssuedAt({ expiresAt }: Ticket, at: UnixSeconds): boolean {
  return expiresAt === addSeconds(at, TICKET_LIFETIME_SECONDS)
}

/**
 * The ticket for this connection, if it is valid at `now`. One that would be valid for longer than
 * any ticket is was left before the clock was set back: not valid either.
 */
export function findTicket(
  tickets: readonly Ticket[],
  connection: ConnectionHash | undefined,
  now: UnixSeconds,
): Ticket | undefined {
  return tickets.find(
    (ticket) =>
      ticket.connection === connection &&
      now < ticket.expiresAt &&
      ticket.expiresAt <= addSeconds(now, TICKET_LIFETIME_SECONDS + CLOCK_STEP_SECONDS),
  )
}
