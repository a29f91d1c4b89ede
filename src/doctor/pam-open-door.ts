import type { Finding } from './finding.ts'
import { isCodeLine, NOTHING_PROVEN, WITHOUT_VERIFIER } from './pam-answer.ts'
import { findVerifierCall, type PamLine } from './pam-line.ts'
import { explorePamStack, type PamEnd, type PamRun } from './pam-run.ts'
import { linesOf, type PamStep, placeOf } from './pam-stack.ts'

/** An expired password is for the account stack a yes: sshd has it changed, and goes on. */
const ACCOUNT_GRANTS: readonly PamEnd[] = ['positive', 'expired']

/** Ways through the auth stack on which no code was right. */
export function findOpenAuth(auth: readonly PamStep[]): readonly Finding[] {
  const open = explorePamStack(auth, WITHOUT_VERIFIER).find(({ end }) => end === 'positive')
  if (open !== undefined) return [openDoor(auth, open)]
  const unproven = explorePamStack(auth, NOTHING_PROVEN).find(({ end }) => end === 'positive')
  return unproven === undefined ? [] : [unprovenDoor(unproven)]
}

function openDoor(auth: readonly PamStep[], { ran }: PamRun): Finding {
  const why = 'a wrong code, or a verifier that is missing or was killed, is no obstacle'
  const code = ran.find(isCodeLine)
  if (code !== undefined) {
    return {
      severity: 'problem',
      what: `${placeOf(code)}: "${code.control}" lets people in whose code is wrong`,
      why,
      fix: editLine(code, `"requisite" in the place of "${code.control}"`),
    }
  }
  const lines = linesOf(auth)
  const before = lines.slice(0, lines.findIndex(isCodeLine))
  const culprit = ran.findLast((line) => before.includes(line)) ?? ran.at(-1)
  const place = culprit === undefined ? '' : `${placeOf(culprit)} leads around it`
  return {
    severity: 'problem',
    what: `the line for the code is not reached where the verifier fails: ${place}`,
    why,
    fix: editLine(culprit, 'every way must lead to the line for the code'),
  }
}

function unprovenDoor({ ran }: PamRun): Finding {
  const helper = ran.findLast((line) => findVerifierCall(line) !== undefined)
  return {
    severity: 'problem',
    what: `${helper === undefined ? 'the stack' : placeOf(helper)} leads to a yes though neither password nor code was right`,
    why: 'whoever has proven nothing has passed this stack',
    fix: editLine(helper, 'it must lead to the password: substack common-auth'),
  }
}

/** A key alone meets none of the auth lines: the account phase is what refuses it. */
export function findOpenAccount(account: readonly PamStep[], service: string): readonly Finding[] {
  const runs = explorePamStack(account, WITHOUT_VERIFIER)
  const open = runs.find(({ end }) => ACCOUNT_GRANTS.includes(end))
  if (open === undefined) return []
  const lines = linesOf(account)
  const ours = lines.find((line) => findVerifierCall(line)?.args.includes('--account'))
  const why =
    'a login by a key or a password alone gets in where AuthenticationMethods does not hold'
  if (ours === undefined) {
    return [
      {
        severity: 'problem',
        what: `the service "${service}" has no account line of otpgate`,
        why,
        fix: 'otpgate init  # shows the line: account requisite pam_exec.so ... --account',
      },
    ]
  }
  const isRun = open.ran.includes(ours)
  const before = lines.slice(0, lines.indexOf(ours))
  const culprit = open.ran.findLast((line) => before.includes(line))
  const around = culprit === undefined ? '' : `: ${placeOf(culprit)} leads around it`
  return [
    {
      severity: 'problem',
      what: isRun
        ? `${placeOf(ours)}: "${ours.control}" lets in whoever the verifier refuses`
        : `the account line, ${placeOf(ours)}, is not always reached${around}`,
      why,
      fix: editLine(ours, '"requisite", before the other account lines'),
    },
  ]
}

function editLine(line: PamLine | undefined, how: string): string {
  return line === undefined
    ? `otpgate init  # ${how}`
    : `editor +${line.line} ${line.file}  # ${how}`
}
