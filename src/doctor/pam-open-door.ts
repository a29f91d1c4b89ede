import type { Finding } from './finding.ts'
import { isCodeLine, nothingProven, withoutVerifier } from './pam-answer.ts'
import type { PamLine } from './pam-line.ts'
import { ACCOUNT_GRANTS, explorePamStack, type PamAnswers, type PamRun } from './pam-run.ts'
import { linesOf, moduleOf, type PamStep, placeOf } from './pam-stack.ts'
import { findVerifierCall } from './verifier-call.ts'

/** Ways through the auth stack on which no code was right. */
export function findOpenAuth(auth: readonly PamStep[], service: string): readonly Finding[] {
  const findGrant = (answers: PamAnswers) =>
    explorePamStack(auth, answers).find(({ end }) => end === 'positive')
  const open = findGrant(withoutVerifier(service))
  if (open !== undefined) return [openDoor(auth, open)]
  const unproven = findGrant(nothingProven(service, 'fail'))
  if (unproven !== undefined) return [unprovenDoor(unproven)]
  const doubtful = findGrant(nothingProven(service, 'may-grant'))
  return doubtful === undefined ? [] : [doubtfulDoor(doubtful)]
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

/** Nobody knows the module that decides: it may be one for passwords. */
function doubtfulDoor({ ran }: PamRun): Finding {
  const judge = ran.findLast((line) => !['pam_permit.so', 'pam_exec.so'].includes(moduleOf(line)))
  const named = judge === undefined ? 'an unknown module' : `${placeOf(judge)}: ${moduleOf(judge)}`
  return {
    severity: 'warning',
    what: `${named} may say yes in the place of the password, and doctor does not know the module`,
    why: 'where it asks for no proof, whoever has proven nothing has passed this stack',
    fix: judge === undefined ? 'otpgate init' : `man ${moduleOf(judge).replace(/\.so$/, '')}`,
  }
}

/** A key alone meets none of the auth lines: the account phase is what refuses it. */
export function findOpenAccount(account: readonly PamStep[], service: string): readonly Finding[] {
  const runs = explorePamStack(account, withoutVerifier(service))
  const open = runs.find(({ end }) => ACCOUNT_GRANTS.includes(end))
  if (open === undefined) return []
  const lines = linesOf(account)
  const ours = lines.find((line) => findVerifierCall(line)?.mode === 'account')
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
