import type { Finding } from './finding.ts'
import { asksForCode, findVerifierCall, type PamLine } from './pam-line.ts'
import { type PamStep, placeOf } from './pam-stack.ts'

/** Words of pam_exec that a line of the verifier lacks. */
export function findMissingWords(line: PamLine): readonly Finding[] {
  const call = findVerifierCall(line)
  if (call === undefined) return []
  const { options } = call
  const edit = `editor +${line.line} ${line.file}  # pam_exec.so`
  const quiet: Finding = {
    severity: 'warning',
    what: `${placeOf(line)}: the word "quiet" is missing`,
    why: 'people are shown the path of the verifier and its exit status',
    fix: `${edit} quiet ...`,
  }
  const expose: Finding = {
    severity: 'problem',
    what: `${placeOf(line)}: the word "expose_authtok" is missing`,
    why: 'nobody is asked for a code, and the verifier gets none',
    fix: `${edit} quiet stdout expose_authtok ...`,
  }
  const isMute = asksForCode(call) && !options.includes('expose_authtok')
  return [...(options.includes('quiet') ? [] : [quiet]), ...(isMute ? [expose] : [])]
}

/** Lines that libpam can make nothing of: they fail. */
export function findBrokenLines(steps: readonly PamStep[]): readonly Finding[] {
  return steps.flatMap(findBroken)
}

function findBroken(step: PamStep): readonly Finding[] {
  switch (step.kind) {
    case 'module':
      return []
    case 'substack':
      return findBrokenLines(step.steps)
    case 'missing':
      return [missingFile(step.line)]
    case 'faulty':
      return [faultyLine(step.line)]
  }
}

function missingFile(line: PamLine): Finding {
  return {
    severity: 'problem',
    what: `${placeOf(line)} includes "${line.target}", which is not there, or includes itself`,
    why: 'PAM refuses every login of a service whose files it cannot read',
    fix: `editor +${line.line} ${line.file}  # name a file that is there`,
  }
}

function faultyLine(line: PamLine): Finding {
  return {
    severity: 'problem',
    what: `${placeOf(line)} is not understood by PAM`,
    why: 'PAM takes it for a module that always fails',
    fix: `editor +${line.line} ${line.file}  # TYPE CONTROL MODULE, as in pam.d(5)`,
  }
}
