import type { LoginRequest } from '../app/gather-facts.ts'
import { isOutsideGroup } from '../app/is-outside-group.ts'
import type { Passwd } from '../app/ports.ts'
import { assertNever } from '../base/assert.ts'
import type { VerifierArguments, VerifierMode } from './arguments.ts'

/**
 * Modes that choose a way through the stack and let nobody in. They are phrased so that a yes leads
 * away from the code and everything else to it, and need neither configuration nor database.
 */
const QUESTIONS = ['first-factor-missing', 'outside-group'] as const
export type Question = (typeof QUESTIONS)[number]

/** Whether the mode is one of them. */
export function isQuestion(mode: VerifierMode): mode is Question {
  return QUESTIONS.some((question) => question === mode)
}

/** Throws ERR_PASSWD_FAILED. */
export function answerQuestion(
  question: Question,
  { group }: Pick<VerifierArguments, 'group'>,
  request: LoginRequest,
  openPasswd: () => Passwd,
): boolean {
  switch (question) {
    case 'first-factor-missing':
      return request.firstFactor === undefined
    case 'outside-group':
      return group !== undefined && isOutsideGroup(openPasswd(), request.user, group)
    default:
      return assertNever(question)
  }
}
