import type { AccountState } from '../domain/account.ts'
import { answerOnce, type Judgement } from '../domain/answer-once.ts'
import type { Answered } from '../domain/attempt.ts'
import type { Committed, Outcome } from '../domain/change.ts'
import type { LoginFacts } from '../domain/login.ts'
import type { LoginInput, VerifyPolicy } from '../domain/standing.ts'
import type { Store } from './ports.ts'

/** A login and what it is judged by. */
export interface LoginMatter {
  readonly facts: LoginFacts
  readonly policy: VerifyPolicy
}

/** One judgement of a login in one transaction; a yes only once for each attempt. */
export function transactLogin<R extends Judgement>(
  store: Store,
  { facts, policy }: LoginMatter,
  judge: (state: AccountState, input: LoginInput) => Outcome<R>,
): Promise<Committed<R | Answered>> {
  return store.transact<R | Answered>(
    facts.name,
    (state, now, kept) => {
      const input = { facts, policy, now }
      return answerOnce(state, kept, input, () => judge(state, input))
    },
    facts.attempt,
  )
}
