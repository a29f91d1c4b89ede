import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding } from '../finding.ts'
import { isCodeLine } from '../pam-answer.ts'
import { findClosedAuth } from '../pam-closed-door.ts'
import { findOpenAccount, findOpenAuth } from '../pam-open-door.ts'
import { linesOf, resolvePamStack } from '../pam-stack.ts'
import { findBrokenLines, findMissingWords } from '../pam-wording.ts'

/** Services of the host itself: nothing there comes by SSH, so no account line is needed. */
const LOCAL_SERVICES: readonly string[] = ['sudo', 'sudo-i', 'su', 'su-l', 'login', 'polkit-1']

/** What the service's PAM stacks come to, played through with the verifier failing and succeeding. */
export const pamStackCheck: Check = { name: 'PAM stack', judge }

function judge({ pamFiles, login: { service } }: DoctorFacts): Diagnosis {
  const auth = resolvePamStack(pamFiles, service, 'auth')
  const account = resolvePamStack(pamFiles, service, 'account') ?? []
  if (auth === undefined) return examined(noFile(service))
  if (!linesOf(auth).some(isCodeLine)) return examined(noCode(service))
  const isLocal = LOCAL_SERVICES.includes(service)
  const broken = findBrokenLines([...auth, ...account])
  return examined(
    ...broken,
    ...findOpenAuth(auth),
    // A line that always fails keeps everybody out already.
    ...(broken.length > 0 ? [] : findClosedAuth(auth)),
    ...(isLocal ? [] : findOpenAccount(account, service)),
    ...[...linesOf(auth), ...linesOf(account)].flatMap(findMissingWords),
  )
}

function noFile(service: string): Finding {
  return {
    severity: 'problem',
    what: `the PAM service "${service}" has no file`,
    why: 'PAM takes the file "other" for it, which asks for no code',
    fix: 'otpgate init  # shows the lines for it',
  }
}

function noCode(service: string): Finding {
  return {
    severity: 'problem',
    what: `the PAM service "${service}" never runs the verifier for a code`,
    why: 'nobody is asked for a second factor there',
    fix: 'otpgate init  # shows the lines for it',
  }
}
