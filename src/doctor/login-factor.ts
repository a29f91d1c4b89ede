import type { DoctorFacts } from './facts.ts'
import { linesOf, resolvePamStack } from './pam-stack.ts'
import { findVerifierCall } from './verifier-call.ts'

const CODE_METHOD = 'keyboard-interactive'

/** What the PAM stack of the examined service adds to what sshd demands. */
export interface StackTraits {
  /** The password and the code are one answer. */
  readonly isCombined: boolean
  /** Some people are not asked for a code at all. */
  readonly isForSome: boolean
  /** A code may be the only factor. */
  readonly isCodeEnough: boolean
}

/** Read off the lines of the verifier. */
export function readTraits({ pamFiles, login: { service }, config }: DoctorFacts): StackTraits {
  const lines = linesOf(resolvePamStack(pamFiles, service, 'auth') ?? [])
  const calls = lines.map(findVerifierCall).filter((call) => call !== undefined)
  return {
    isCombined: calls.some((call) => call.mode === 'password-and-code'),
    isForSome: calls.some((call) => call.mode === 'outside-group'),
    isCodeEnough: !(config instanceof Error) && config.policy.codeAlone.includes(service),
  }
}

/**
 * Whether AuthenticationMethods demands a first factor and then a code; each list is a way in of its own.
 */
export function demandsTwoFactors(value: string, traits: StackTraits): boolean {
  const lists = value.toLowerCase().split(/\s+/)
  return lists.every((list) => isTwoFactors(list, traits))
}

function isTwoFactors(list: string, { isCombined, isCodeEnough }: StackTraits): boolean {
  const methods = list.split(',').map((method) => method.replace(/:.*$/, ''))
  if (isCombined && methods.includes('password')) return true
  if (!methods.includes(CODE_METHOD)) return false
  // The verifier refuses a code that nothing was proven before.
  return isCombined || isCodeEnough || methods.indexOf(CODE_METHOD) > 0
}
