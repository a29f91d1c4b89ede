import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding } from '../finding.ts'
import { isCodeLine } from '../pam-answer.ts'
import { findClosedAccount, findClosedAuth } from '../pam-closed-door.ts'
import { findFileFlaws } from '../pam-file-flaw.ts'
import { findOpenAccount, findOpenAuth } from '../pam-open-door.ts'
import { findReachedFiles, linesOf, type PamStep, resolvePamStack } from '../pam-stack.ts'
import { findBrokenLines, findMissingWords, findVainLine } from '../pam-wording.ts'

/** Services of the host itself: nothing there comes by SSH, so no account line is needed. */
const LOCAL_SERVICES: readonly string[] = ['sudo', 'sudo-i', 'su', 'su-l', 'login', 'polkit-1']

/** What the service's PAM stacks come to, played through with the verifier failing and succeeding. */
export const pamStackCheck: Check = { name: 'PAM stack', judge }

function judge({ pamFiles, login: { service } }: DoctorFacts): Diagnosis {
  const flawed = findReachedFiles(pamFiles, service).flatMap(findFileFlaws)
  // What PAM makes of such a file is not what stands in it.
  if (flawed.length > 0) return examined(...flawed)
  const auth = resolvePamStack(pamFiles, service, 'auth')
  const account = resolvePamStack(pamFiles, service, 'account') ?? []
  if (auth === undefined) return examined(noFile(service))
  const broken = findBrokenLines([...auth, ...account])
  if ([...auth, ...account].some(({ kind }) => kind === 'too-many')) return examined(...broken)
  const lines = [...linesOf(auth), ...linesOf(account)]
  const vain = lines.flatMap(findVainLine)
  if (vain.length > 0) return examined(...broken, ...vain)
  if (!linesOf(auth).some(isCodeLine)) return examined(noCode(service))
  return examined(
    ...broken,
    ...playThrough(auth, account, service, broken.length > 0),
    ...lines.flatMap(findMissingWords),
  )
}

/** `isBroken`: a line that always fails keeps everybody out already. */
function playThrough(
  auth: readonly PamStep[],
  account: readonly PamStep[],
  service: string,
  isBroken: boolean,
): readonly Finding[] {
  return [
    ...findOpenAuth(auth, service),
    ...(isBroken ? [] : [...findClosedAuth(auth, service), ...findClosedAccount(account, service)]),
    ...(LOCAL_SERVICES.includes(service) ? [] : findOpenAccount(account, service)),
  ]
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
