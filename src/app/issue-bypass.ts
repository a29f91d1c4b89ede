import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { addSeconds, type UnixSeconds } from '../base/time.ts'
import type { AccountState, KnownAccount } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import { isSpendable } from '../domain/one-time-code.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { anchorAccount, assertNotSuspended } from './anchor-account.ts'
import { assertFreeSelectors, mintAgain } from './mint-again.ts'
import { mintOneTimeCode } from './mint-one-time-code.ts'
import type { PasswdEntry } from './ports.ts'
import type { MintPorts } from './recovery-codes.ts'

/** Whom the help desk reads a code out to, and for how long it is to work. */
export interface BypassInput extends Omit<AdminInput, 'name'> {
  readonly entry: PasswdEntry
  readonly forSeconds: number
  /** How many logins it is good for. */
  readonly uses: number
}

export interface IssuedBypass {
  /** 32 lower-case hex digits, to revoke it by. */
  readonly id: string
  /** `XXXX-XXXX-XXXX-XXXX`, shown once and nowhere kept. */
  readonly code: string
  readonly until: UnixSeconds
}

/**
 * Issues a code that the person types in the place of the app's. Somebody without the phone is on
 * the line, perhaps because somebody else has it: logins that were remembered are asked again.
 * Throws ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_UID_CHANGED, and ERR_REFUSED for somebody whom a code would
 * not let in.
 */
export async function issueBypass(
  ports: AdminPorts & MintPorts,
  input: BypassInput,
): Promise<IssuedBypass> {
  const { entry, reason, forSeconds, uses } = input
  const until = addSeconds(ports.now(), forSeconds)
  const terms = { kind: 'bypass', expiresAt: until, usesLeft: uses, reason } as const
  return mintAgain(async () => {
    const { code, shown } = await mintOneTimeCode(ports, terms)
    await ports.store.transact(entry.name, (state, now) => {
      const known = requireAdmissible(state, entry)
      assertFreeSelectors(known.oneTimeCodes, [code])
      return {
        changes: [
          ...anchorAccount(known, entry, now),
          ...pruneCodes(known, now),
          { kind: 'add-one-time-code', code },
          { kind: 'unremember-sources' },
          adminEvent(input, 'bypass', now),
        ],
        result: undefined,
      }
    })
    return { id: code.id, code: shown, until }
  })
}

/** What an admin handed out and nobody can use any more. Used recovery codes stay, to be counted. */
function pruneCodes({ oneTimeCodes }: KnownAccount, now: UnixSeconds): readonly Change[] {
  return oneTimeCodes
    .filter((code) => code.kind !== 'recovery' && !isSpendable(code, now))
    .map(({ id }) => ({ kind: 'remove-one-time-code', codeId: id }) as const)
}

function requireAdmissible(state: AccountState, entry: PasswdEntry): KnownAccount {
  const user = toPrintable(entry.name)
  if (state.kind === 'never-known') {
    throw new AppError('ERR_ACCOUNT_UNKNOWN', `${user} has no account in otpgate`, {
      hint: `to enroll: otpgate invite ${user} --for 7d; without a code for a while: otpgate waive ${user} --for 4h --reason WHY`,
    })
  }
  assertNotSuspended(state, entry)
  if (state.account.override?.kind === 'must-enroll') {
    throw new AppError('ERR_REFUSED', `${user} gets in by no code before a device is enrolled`, {
      hint: `otpgate enroll ${user}; from afar: otpgate invite ${user} --for 4h`,
    })
  }
  return state
}
