import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding } from '../finding.ts'

/** Owners and modes of key, configuration, database, the directories above them, and the program. */
export const fileModeCheck: Check = { name: 'owners and modes', judge }

function judge({ fileFlaws, changeable, places }: DoctorFacts): Diagnosis {
  const files = fileFlaws.map(({ what, fix }): Finding => {
    const why =
      'whoever can read the key or write these files can make codes of their own; logins are refused'
    return { severity: 'problem', what, why, fix }
  })
  return examined(...files, ...programFindings(changeable, places.programRoot))
}

function programFindings(changeable: readonly string[], root: string): readonly Finding[] {
  const [first] = changeable
  if (first === undefined) return []
  const more = changeable.length > 1 ? ` and ${changeable.length - 1} more below ${root}` : ''
  return [
    {
      severity: 'problem',
      what: `${first}${more} can be changed by others than root`,
      why: 'the program runs as root at every login',
      fix: `chown -R root:root ${root} && chmod -R go-w ${root}`,
    },
  ]
}
