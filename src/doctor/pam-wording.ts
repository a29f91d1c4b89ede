import type { Finding } from './finding.ts'
import type { PamLine } from './pam-line.ts'
import { type PamStep, placeOf } from './pam-stack.ts'
import { asksForCode, findNamedCall, findVerifierCall } from './verifier-call.ts'

/** Words of pam_exec that a line of the verifier lacks. */
export function findMissingWords(line: PamLine): readonly Finding[] {
  const call = findVerifierCall(line)
  if (call === undefined) return []
  const options = call.options.map((word) => word.toLowerCase())
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

/** Lines that name the verifier, and never run it, or never to any purpose. */
export function findVainLine(line: PamLine): readonly Finding[] {
  const call = findNamedCall(line)
  if (call === undefined) return []
  const { otherType, mode } = call
  const edit = `editor +${line.line} ${line.file}  # `
  const idle: Finding = {
    severity: 'problem',
    what: `${placeOf(line)}: "${otherType}" on a line of "${line.type}": pam_exec skips it`,
    why: 'the verifier is not run there, and PAM goes on as if the line did not exist',
    fix: `${edit}without ${otherType}`,
  }
  const confused: Finding = {
    severity: 'problem',
    what: `${placeOf(line)}: the verifier does not understand what stands behind its path`,
    why: 'it refuses what it does not understand: a right code as well',
    fix: `${edit}${line.type === 'account' ? '--account' : 'as in examples/pam.d'}`,
  }
  return [...(otherType === undefined ? [] : [idle]), ...(mode === 'none' ? [confused] : [])]
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
    case 'too-many':
      return [tooMany(step.line)]
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

function tooMany(line: PamLine): Finding {
  return {
    severity: 'problem',
    what: `this stack has too many lines: those from ${placeOf(line)} on were not looked at`,
    why: 'nobody can say what it comes to',
    fix: `editor +${line.line} ${line.file}  # files that include each other?`,
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
