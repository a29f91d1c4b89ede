import type { Finding } from './finding.ts'
import { isCodeLine, RIGHT_CODE, takesPassword } from './pam-answer.ts'
import { explorePamStack, type PamRun } from './pam-run.ts'
import { moduleOf, type PamStep, placeOf } from './pam-stack.ts'

/** What keeps people out who have a right code, where nothing is excused. */
export function findClosedAuth(auth: readonly PamStep[]): readonly Finding[] {
  return explorePamStack(auth, RIGHT_CODE).flatMap((run) => [
    ...withoutPermit(run),
    ...askedAgain(run),
  ])
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
