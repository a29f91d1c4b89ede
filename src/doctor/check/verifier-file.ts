import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Whether what PAM files name is there, and nobody but root could put something else in its place. */
export const verifierFileCheck: Check = { name: 'verifier', judge }

function judge({ verifierFlaws, verifierPaths }: DoctorFacts): Diagnosis {
  if (verifierPaths.length === 0) return notApplicable('no PAM file names it')
  return examined(
    ...[...verifierFlaws].map(([path, flaw]) => ({
      severity: 'problem' as const,
      what: `the verifier that PAM runs is not as it should be: ${flaw}`,
      why: 'without it nobody gets in with a code; whoever can change it lets anybody in',
      fix: `namei -l ${path}  # each part root's, writable by root alone; the file 0755`,
    })),
  )
}
