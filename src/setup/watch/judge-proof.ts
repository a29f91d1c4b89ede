import { addSeconds, type UnixSeconds } from '../../base/time.ts'
import type { AuditRow } from '../../domain/audit-event.ts'
import { isIssuedAt, TICKET_LIFETIME_SECONDS, type Ticket } from '../../domain/ticket.ts'

/** Of a person's own devices and codes: a bypass code says nothing of the next login. */
const OWN_METHODS: readonly string[] = ['totp', 'hotp', 'recovery']

/** What is known of one account's logins since all was in place. */
export interface ProofFacts {
  readonly rows: readonly AuditRow[]
  /** What logins have left that did not come to their account phase, or not yet. */
  readonly tickets: readonly Ticket[]
  /** PAM service of sshd. */
  readonly service: string
  readonly now: UnixSeconds
}

/**
 * The login that proves a set-up: by sshd, with a code, and past otpgate's line of the account phase,
 * which uses the ticket up; what PAM runs behind it leaves no trace here. As long as a ticket from its
 * second is there, that cannot be told, and neither once tickets of its age are swept away.
 */
export function judgeProof({ rows, tickets, service, now }: ProofFacts): AuditRow | undefined {
  return rows.find(
    (row) =>
      isLoginWithCode(row) &&
      row.service === service &&
      now < addSeconds(row.at, TICKET_LIFETIME_SECONDS) &&
      !tickets.some((ticket) => isIssuedAt(ticket, row.at)),
  )
}

function isLoginWithCode({ action, outcome, method }: AuditRow): boolean {
  return action === 'login' && outcome === 'accepted' && OWN_METHODS.includes(method ?? '')
}
