import { describe, expect, test } from 'vitest'
import type { AccountState, Budget } from '../../src/domain/account.ts'
import { judgeAccountPhase } from '../../src/domain/account-phase.ts'
import { type Admission, admit } from '../../src/domain/admit.ts'
import type { Change } from '../../src/domain/change.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { judgeExcuse } from '../../src/domain/excuse.ts'
import { settle } from '../../src/domain/settle.ts'
import { openPlain } from '../support/account-fixture.ts'
import { answerOf, inputOf, stateOf } from './rules/case-input.ts'
import { COLUMNS, combine, type LoginCase } from './rules/login-case.ts'
import {
  statedAccountVerdict,
  statedBudget,
  statedCandidate,
  statedExcuseVerdict,
  statedSettlement,
  statedVerdict,
} from './rules/rule-statement.ts'

/**
 * Every combination that can occur, against the rules as they are stated in words. A case that
 * differs is shown with all its columns.
 */
interface Row {
  readonly verdict: string
  readonly lets?: string
  readonly charged?: string
  readonly record?: string
}

function expectStated(
  cases: readonly LoginCase[],
  judge: (login: LoginCase) => Row,
  stated: (login: LoginCase) => Row,
): void {
  const seen = new Set<string>()
  const differing = cases.filter((login) => {
    const row = judge(login)
    seen.add(row.verdict)
    return JSON.stringify(sorted(row)) !== JSON.stringify(sorted(stated(login)))
  })
  const shown = differing.slice(0, 5)
  expect(
    shown.map((login) => ({ login, row: judge(login) })),
    `${differing.length} of ${cases.length}`,
  ).toEqual(shown.map((login) => ({ login, row: stated(login) })))
  expect(seen.size).toBeGreaterThan(2)
}

function sorted(row: Row) {
  return Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function verdictOf(result: Admission | Decision): string {
  if (result.outcome === 'denied') return result.reason
  return result.outcome === 'excused' ? `excused by ${result.rule}` : result.outcome
}

/** Whether anything lets somebody in: a ticket, or a mark that says so. */
function letsOf(changes: readonly Change[]): string {
  const opening = ['accept-step', 'put-ticket', 'record-login', 'put-source', 'consume-ticket']
  return opening.filter((kind) => changes.some((change) => change.kind === kind)).join(' ')
}

/** `row`: one of its own in the audit; `counted`: one for many; `none`. */
function recordOf(changes: readonly Change[]): string {
  const kinds = changes.map(({ kind }) => kind)
  const own = kinds.filter((kind) => kind === 'append-audit').length
  const counted = kinds.filter((kind) => kind === 'count-denial').length
  return own + counted > 1 ? 'several' : own === 1 ? 'row' : counted === 1 ? 'counted' : 'none'
}

/** The budgets in which a failure was added. */
function chargedIn(state: AccountState, changes: readonly Change[]): string {
  return changes
    .filter((change) => change.kind === 'set-throttle')
    .filter(({ budget, throttle }) => {
      const before = state.kind === 'known' ? state.account.throttle[budget] : undefined
      return throttle.consecutiveFailures > (before?.consecutiveFailures ?? 0)
    })
    .map(({ budget }) => budget)
    .join(' ')
}

const PLACE = ['factor', 'clock', 'person', 'override', 'excuse', 'source'] as const

describe('the verdict on an answer', () => {
  test.each(COLUMNS.answer)('is the stated one: %s', (answer) => {
    const cases = combine([...PLACE, 'throttle']).map((each) => ({ ...each, answer }))
    expectStated(cases, judgeAnswer, stateAnswer)
  }, 60_000)
})

function judgeAnswer(login: LoginCase): Row {
  const state = stateOf(login)
  const answer = answerOf(login)
  const { result, changes } = admit(state, { ...inputOf(login), answer, openSecret: openPlain })
  return {
    verdict: result.outcome === 'prove' ? `prove ${result.candidate?.codeId}` : verdictOf(result),
    lets: letsOf(changes),
    charged: chargedIn(state, changes),
    record: recordOf(changes),
  }
}

function stateAnswer(login: LoginCase): Row {
  const verdict = statedVerdict(login)
  const isJudged = ['accepted', 'prove', 'code-wrong'].includes(verdict)
  const isCharged = verdict === 'prove' || verdict === 'code-wrong'
  const budget: Budget = statedBudget(login)
  return {
    verdict: verdict === 'prove' ? `prove ${statedCandidate(login)}` : verdict,
    lets: verdict === 'accepted' ? letIn(login) : '',
    charged: isCharged ? budget : '',
    record: isJudged ? 'row' : login.factor === 'missing' ? 'none' : 'counted',
  }
}

/** What an accepted login leaves, by what it shows of itself. */
function letIn({ factor, answer }: LoginCase): string {
  const ticket = factor === 'not SSH' ? [] : ['put-ticket']
  const source = factor === 'proven' && answer !== 'bypass code' ? ['put-source'] : []
  return ['accept-step', ...ticket, 'record-login', ...source].join(' ')
}

describe('the verdict before the question', () => {
  test('is the stated one, and a refusal writes nothing', () => {
    expectStated(
      combine([...PLACE, 'throttle']),
      (login) => {
        const { result, changes } = judgeExcuse(stateOf(login), inputOf(login))
        return { verdict: verdictOf(result), lets: letsOf(changes), record: recordOf(changes) }
      },
      (login) => {
        const verdict = statedExcuseVerdict(login)
        const isExcused = verdict.startsWith('excused')
        return {
          verdict,
          lets: isExcused ? `put-ticket${clockMark(verdict)}` : '',
          record: isExcused ? 'row' : 'none',
        }
      },
    )
  })
})

/** A remembered login notes how far the clock has come, so that setting it back prolongs nothing. */
function clockMark(verdict: string): string {
  return verdict === 'excused by remembered' ? ' record-login' : ''
}

describe('the verdict of the account phase', () => {
  test('is the stated one, and a ticket is used up', () => {
    expectStated(
      combine([...PLACE, 'ticket']),
      (login) => {
        const { result, changes } = judgeAccountPhase(stateOf(login), inputOf(login))
        return { verdict: verdictOf(result), lets: letsOf(changes), record: recordOf(changes) }
      },
      (login) => {
        const verdict = statedAccountVerdict(login)
        const denied = login.factor === 'missing' ? 'none' : 'counted'
        return {
          verdict,
          lets: verdict === 'accepted' ? 'consume-ticket' : clockMark(verdict).trim(),
          record: verdict === 'accepted' ? 'none' : verdict.startsWith('exc') ? 'row' : denied,
        }
      },
    )
  })
})

describe('the verdict on a one-time code whose hash was compared', () => {
  const codes = combine([...PLACE, 'answer']).filter(
    ({ answer }) => answer.endsWith(' code') && !/^(?:right|wrong|replayed)/.test(answer),
  )

  test('is the stated one where it fits', () => {
    expectStated(
      codes,
      (login) => judgeSettlement(login, answerId(login)),
      (login) => {
        const verdict = statedSettlement(login)
        const lets = verdict === 'accepted' ? letIn(login).replace('accept-step ', '') : ''
        return { verdict, lets, charged: '', record: 'row' }
      },
    )
  })

  test('is a denial where it does not, whoever it is', () => {
    expectStated(
      codes,
      (login) => judgeSettlement(login, undefined),
      (login) => {
        const stated = statedSettlement(login)
        const verdict = stated === 'accepted' ? 'code-wrong' : stated
        return { verdict, lets: '', charged: '', record: 'row' }
      },
    )
  })
})

/** Ids of the stored codes are the first words of the answers. */
function answerId({ answer }: LoginCase): string {
  return answer.replace(' code', '')
}

function judgeSettlement(login: LoginCase, provenCodeId: string | undefined): Row {
  const state = stateOf(login)
  const input = inputOf(login)
  const claim = { provenCodeId, chargedAt: input.now, completes: 1 }
  const { result, changes } = settle(state, { ...input, ...claim })
  return {
    verdict: verdictOf(result),
    lets: letsOf(changes),
    charged: chargedIn(state, changes),
    record: recordOf(changes),
  }
}
