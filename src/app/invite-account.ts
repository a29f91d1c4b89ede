import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { anchorAccount, assertNotSuspended } from './anchor-account.ts'
import { assertFreeSelectors, keptBeside, mintAgain } from './mint-again.ts'
import { mintOneTimeCode } from './mint-one-time-code.ts'
import type { PasswdEntry } from './ports.ts'
import type { MintPorts } from './recovery-codes.ts'

/** Who may log in without a code for a while, to enroll. */
export interface InviteInput extends Omit<AdminInput, 'name'> {
  readonly entry: PasswdEntry
  readonly until: UnixSeconds
  /** Enrolling oneself then takes a code that the admin hands over. */
  readonly withCode: boolean
}

/** `code`: `XXXX-XXXX-XXXX-XXXX`, shown once and nowhere kept. */
export interface Invitation {
  readonly code: string | undefined
}

/**
 * Invites a person, known or not; an earlier invitation and its code end with it. Throws ERR_REFUSED
 * for somebody suspended, ERR_ACCOUNT_EXISTS for somebody enrolled, and ERR_ACCOUNT_UID_CHANGED.
 */
export async function inviteAccount(
  ports: AdminPorts & MintPorts,
  input: InviteInput,
): Promise<Invitation> {
  return mintAgain(() => inviteOnce(ports, input))
}

async function inviteOnce(ports: AdminPorts & MintPorts, input: InviteInput): Promise<Invitation> {
  const { entry, reason, until, withCode } = input
  const minted = withCode
    ? await mintOneTimeCode(ports, { kind: 'invitation', expiresAt: until, usesLeft: 1, reason })
    : undefined
  const codes = minted === undefined ? [] : [minted.code]
  const invited = { kind: 'invited', reason, until, needsCode: withCode } as const
  await ports.store.transact(entry.name, (state, now) => {
    assertNotSuspended(state, entry)
    const anchored = anchorAccount(state, entry, now)
    assertNotEnrolled(state, entry)
    assertFreeSelectors(keptBeside(state, 'invitation'), codes)
    return {
      changes: [
        ...anchored,
        { kind: 'set-override', override: { ...invited, since: now } },
        { kind: 'remove-one-time-codes', of: 'invitation' },
        ...codes.map((code) => ({ kind: 'add-one-time-code', code }) as const),
        adminEvent(input, 'invite', now),
      ],
      result: undefined,
    }
  })
  return { code: minted?.shown }
}

function assertNotEnrolled(state: AccountState, { name }: PasswdEntry): void {
  if (usableDevices(state).length === 0) return
  const user = toPrintable(name)
  throw new AppError('ERR_ACCOUNT_EXISTS', `${user} is enrolled already`, {
    hint: `without a code for a while: otpgate waive ${user} --for 4h --reason WHY; lost phone: otpgate reset ${user} --enroll`,
  })
}
