import type { LoginRequest } from '../app/gather-facts.ts'
import { isOutsideGroup } from '../app/is-outside-group.ts'
import type { Passwd } from '../app/ports.ts'
import type { Question, VerifierMode } from '../app/verifier-mode.ts'
import { assertNever } from '../base/assert.ts'
import type { VerifierArguments } from './arguments.ts'

/**
 * A yes to these leads away from the code and everything else to it, and they need neither
 * configuration nor database.
 */
const QUESTIONS: readonly Question[] = ['first-factor-missing', 'outside-group']

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
