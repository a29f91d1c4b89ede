import type { DoctorFacts, StrayCall } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { placeOf } from '../pam-stack.ts'

/**
 * Whether what PAM files name is there, is of this installation and goes by its configuration, and nobody
 * but root could put something else in its place.
 */
export const verifierFileCheck: Check = { name: 'verifier', judge }

function judge(facts: DoctorFacts): Diagnosis {
  const { verifierFlaws, verifierPaths, foreignVerifiers, strayCalls, places, configPath } = facts
  if (verifierPaths.length === 0) return notApplicable('no PAM file names it')
  return examined(
    ...[...verifierFlaws].map(([path, flaw]) => flawed(path, flaw)),
    ...foreignVerifiers.map((path) => foreign(path, places.verifier)),
    ...strayCalls.map((call) => stray(call, configPath)),
  )
}

function flawed(path: string, flaw: string): Finding {
  return {
    severity: 'problem',
    what: `the verifier that PAM runs is not as it should be: ${flaw}`,
    why: 'without it nobody gets in with a code; whoever can change it lets anybody in',
    fix: `namei -l ${path}  # each part root's, writable by root alone; the file 0755`,
  }
}

function foreign(path: string, own: string): Finding {
  return {
    severity: 'problem',
    what: `PAM runs ${path}, which is not the verifier of this installation, ${own}`,
    why: 'nobody can say whom another program lets in',
    fix: `grep -rn ${path} /etc/pam.d  # there: ${own}`,
  }
}

function stray({ line, configPath }: StrayCall, examinedPath: string): Finding {
  return {
    severity: 'problem',
    what: `${placeOf(line)}: logins there go by ${configPath}, and what is examined is ${examinedPath}`,
    why: 'other rules hold there, and other people are known, than this command looks at',
    fix: `otpgate --config ${configPath} doctor; else: editor +${line.line} ${line.file}`,
  }
}
