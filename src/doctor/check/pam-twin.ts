import type { PamFile } from '../../host/pam-file.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { linesOf, resolvePamStack } from '../pam-stack.ts'
import { asksForCode, findVerifierCall } from '../verifier-call.ts'

/** Services of one program: `sudo -i` and `su -` have a file of their own (Debian). */
const TWINS = [
  { one: 'sudo', other: 'sudo-i' },
  { one: 'su', other: 'su-l' },
] as const

/** Whether a code that one way of a program asks for can be had around by the other. */
export const pamTwinCheck: Check = { name: 'sudo and su', judge }

function judge({ pamFiles }: DoctorFacts): Diagnosis {
  const asks = (name: string) => isProtected(pamFiles, name)
  const pairs = TWINS.filter(({ one, other }) => asks(one) || asks(other))
  if (pairs.length === 0) return notApplicable('they ask for no code')
  return examined(
    ...pairs.flatMap(({ one, other }) => {
      const closed = asks(one) ? one : other
      const open = pamFiles.find(
        ({ name }) => [one, other].some((each) => each === name) && !asks(name),
      )
      return open === undefined ? [] : [openTwin(closed, open)]
    }),
  )
}

function isProtected(files: readonly PamFile[], service: string): boolean {
  return linesOf(resolvePamStack(files, service, 'auth') ?? []).some((line) => {
    const call = findVerifierCall(line)
    return call !== undefined && asksForCode(call)
  })
}

function openTwin(closed: string, open: PamFile): Finding {
  return {
    severity: 'problem',
    what: `the service "${closed}" asks for a code, and "${open.name}" does not`,
    why: 'the code is gone around by typing the other command',
    fix: `editor ${open.path}  # @include otpgate-code in the place of @include common-auth`,
  }
}
