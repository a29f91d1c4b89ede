import type { SshdAnswer } from '../../host/sshd-answer.ts'
import type { SshdLine } from '../../host/sshd-config-file.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { demandsTwoFactors, readTraits, type StackTraits } from '../login-factor.ts'
import { keywordOf } from '../sshd-origin.ts'

/** Blocks of sshd_config for other logins than the examined one, that demand less than a code. */
export const matchBlockCheck: Check = { name: 'Match blocks', judge }

function judge(facts: DoctorFacts): Diagnosis {
  const { sshd, sshdForRoot, sshdLines } = facts
  if (sshd.kind !== 'settings') return notApplicable('sshd gives no settings')
  const traits = readTraits(facts)
  return examined(
    ...sshdLines
      .filter((line) => line.match !== undefined && isWeak(line, traits))
      // What holds for the examined login and for root, the check of the settings says.
      .filter((line) => !isInForce(line, sshd))
      .filter((line) => !(isForRootAlone(line) && isInForce(line, sshdForRoot)))
      .map(toFinding),
  )
}

function isInForce(line: SshdLine, sshd: SshdAnswer): boolean {
  if (sshd.kind !== 'settings') return false
  return sshd.values.get(keywordOf(line))?.[0] === line.value.toLowerCase()
}

function isForRootAlone({ match = '' }: SshdLine): boolean {
  return /^user\s+root$/i.test(match)
}

function isWeak(line: SshdLine, traits: StackTraits): boolean {
  const { value } = line
  const keyword = keywordOf(line)
  if (keyword === 'authenticationmethods') return !demandsTwoFactors(value, traits)
  return keyword === 'kbdinteractiveauthentication' && value.toLowerCase() === 'no'
}

/** Meant so for robots; the account line of PAM holds, whatever sshd demands. */
function toFinding({ file, line, match = '', keyword, value }: SshdLine): Finding {
  return {
    severity: 'note',
    what: `${file} line ${line}, for Match ${match}: ${keyword} ${value}`,
    why: 'no code is asked for there: the account line of PAM lets in only whom an [[exempt]] rule covers',
    fix: 'otpgate doctor USER --from ADDRESS  # somebody whom the block is for',
  }
}
