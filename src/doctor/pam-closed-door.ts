import type { Finding } from './finding.ts'
import { isCodeLine, rightCode, takesPassword } from './pam-answer.ts'
import { PAM_RETURNS } from './pam-control.ts'
import { ACCOUNT_GRANTS, explorePamStack, type PamRun } from './pam-run.ts'
import { linesOf, moduleOf, type PamStep, placeOf } from './pam-stack.ts'
import { findVerifierCall } from './verifier-call.ts'

/** What keeps people out who have a right code, where nothing is excused. */
export function findClosedAuth(auth: readonly PamStep[], service: string): readonly Finding[] {
  return explorePamStack(auth, rightCode(service, ['success'])).flatMap((run) => [
    ...withoutPermit(run),
    ...askedAgain(run),
  ])
}

/** Account lines that no login with a right code gets past, whatever other modules say. */
export function findClosedAccount(
  account: readonly PamStep[],
  service: string,
): readonly Finding[] {
  const runs = explorePamStack(account, rightCode(service, PAM_RETURNS))
  if (account.length === 0 || runs.some(({ end }) => ACCOUNT_GRANTS.includes(end))) return []
  const lines = linesOf(account)
  const culprit = lines.find((line) => {
    const call = findVerifierCall(line)
    return call !== undefined && !['account', 'outside-group'].includes(call.mode)
  })
  const line = culprit ?? lines.at(-1)
  return [
    {
      severity: 'problem',
      what: `a right code does not get past the account lines${line === undefined ? '' : `: see ${placeOf(line)}`}`,
      why: 'everybody is refused, whatever is typed',
      fix: line === undefined ? 'otpgate init' : `editor +${line.line} ${line.file}  # --account`,
    },
  ]
}

/** pam_exec takes no part in setcred: alone in a stack, it ends a login after a right code. */
function withoutPermit({ end, ran }: PamRun): readonly Finding[] {
  const code = ran.find(isCodeLine)
  const isGranted = end === 'positive'
  if (code === undefined) return isGranted ? [] : [neverReached()]
  const others = ran.slice(ran.indexOf(code) + 1).filter((line) => moduleOf(line) !== 'pam_exec.so')
  if (isGranted && others.length > 0) return []
  return [
    {
      severity: 'problem',
      what: isGranted
        ? `no line of another module follows ${placeOf(code)}`
        : `a right code at ${placeOf(code)} does not get anybody in`,
      why: 'sshd ends a login whose credentials nobody sets: every right code is refused',
      fix: `editor +${code.line} ${code.file}  # below it: auth required pam_permit.so`,
    },
  ]
}

function neverReached(): Finding {
  return {
    severity: 'problem',
    what: 'the line for the code is never reached: the lines before it end every login',
    why: 'nobody who is to type a code gets in',
    fix: 'otpgate init  # shows the lines, and their order',
  }
}

function askedAgain({ ran }: PamRun): readonly Finding[] {
  if (!ran.some(isCodeLine)) return []
  return ran.filter(takesPassword).map((line) => ({
    severity: 'problem',
    what: `${placeOf(line)}: ${moduleOf(line)} runs in the same pass as the code`,
    why: 'one answer is asked for: it takes the code for the password, or the verifier the password for the code',
    fix: `editor +${line.line} ${line.file}  # otpgate's lines stand in the place of the password's`,
  }))
}
