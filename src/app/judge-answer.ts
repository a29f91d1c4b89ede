import type { AccountState } from '../domain/account.ts'
import type { Answered, Kept } from '../domain/attempt.ts'
import type { AuditStamp, Outcome } from '../domain/change.ts'
import type { ToProve } from '../domain/charge.ts'
import type { Denied } from '../domain/decision.ts'
import type { LoginFacts } from '../domain/login.ts'
import type { SettleInput } from '../domain/settle.ts'
import type { LoginInput, VerifyPolicy } from '../domain/standing.ts'
import type { Hasher, Store } from './ports.ts'

export interface JudgePorts {
  readonly store: Store
  readonly hasher: Hasher
}

/** `kept`: what the attempt has come to already. */
type Judge<Input, R> = (state: AccountState, input: Input, kept?: Kept) => Outcome<R>

/** The two transactions of an answer; `T`: what a right one comes to. */
export interface Judges<T> {
  readonly admit: Judge<LoginInput, T | Denied | ToProve>
  readonly settle: Judge<SettleInput, T | Denied>
}

/** What an answer came to, on disk. `tookHash`: a one-time code was compared with what is stored. */
export interface Judged<T> {
  readonly result: T | Denied
  readonly audit: AuditStamp | undefined
  readonly tookHash: boolean
}

/**
 * Admit, prove, settle: a code is decided in the first transaction; for a one-time code the slow hash,
 * exactly one, is computed outside of both, also where no code has the selector.
 */
export async function judgeAnswer<T extends { readonly outcome: Answered['outcome'] | 'invited' }>(
  { store, hasher }: JudgePorts,
  policy: VerifyPolicy,
  facts: LoginFacts,
  judges: Judges<T>,
): Promise<Judged<T>> {
  const admitted = await store.transact<T | Denied | ToProve>(
    facts.name,
    (state, now, kept) => judges.admit(state, { facts, policy, now }, kept),
    facts.attempt,
  )
  const { result, audit } = admitted
  if (result.outcome !== 'prove') return { result, audit, tookHash: false }
  const isRight = await hasher.verify(result.candidate?.hash, result.secret)
  const provenCodeId = isRight ? result.candidate?.codeId : undefined
  const claim = {
    provenCodeId,
    chargedAt: result.chargedAt,
    completes: result.completes ?? audit?.seq,
  }
  const settled = await store.transact<T | Denied>(
    facts.name,
    (state, now, kept) => judges.settle(state, { ...claim, facts, policy, now }, kept),
    facts.attempt,
  )
  return { ...settled, tookHash: true }
}
