import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { AuditEvent } from '../domain/audit-event.ts'
import type { Change } from '../domain/change.ts'
import type { KnownSource } from '../domain/known-source.ts'
import type { AdminInput, AdminPorts } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/** `network`: as `KnownSource` has it; `undefined`: all of them. */
export interface SourceInput extends AdminInput {
  readonly network: string | undefined
}

/**
 * Forgets sources of a person, with whatever first factor: no login from there is remembered, none
 * has a budget of its own. How many. Throws ERR_ACCOUNT_UNKNOWN, and ERR_SOURCE_UNKNOWN where
 * `network` is none of them.
 */
export async function revokeSource(ports: AdminPorts, input: SourceInput): Promise<number> {
  const { name, network } = input
  const { result } = await ports.store.transact(name, (state, now) => {
    const { sources } = requireKnown(state, name)
    const chosen = sources.filter((each) => network === undefined || each.network === network)
    if (network !== undefined && chosen.length === 0) throw unknownSource(input)
    if (chosen.length === 0) return { changes: [], result: 0 }
    return { changes: [...chosen.map(removal), record(input, now)], result: chosen.length }
  })
  return result
}

function removal({ network, firstFactor }: KnownSource): Change {
  return { kind: 'remove-source', source: { network, firstFactor } }
}

function record({ actor, reason, network }: SourceInput, at: UnixSeconds): Change {
  const event: AuditEvent = {
    at,
    actor,
    action: 'source-revoke',
    outcome: 'done',
    ...(network === undefined ? {} : { address: network }),
    ...(reason === undefined ? {} : { reason }),
  }
  return { kind: 'append-audit', event }
}

function unknownSource({ name, network }: SourceInput): AppError {
  const user = toPrintable(name)
  return new AppError('ERR_SOURCE_UNKNOWN', `${user} is not known to log in from ${network}`, {
    hint: `see: otpgate source list ${user}`,
  })
}
