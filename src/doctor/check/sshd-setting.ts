import type { SshdAnswer } from '../../host/sshd-answer.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { demandsTwoFactors, readTraits } from '../login-factor.ts'
import { findOrigin, findWritten } from '../sshd-origin.ts'

const METHODS = 'authenticationmethods'
const UNSET = 'any'
const ROOT = 'root'
const USUAL_SERVICE = 'sshd'
/** Its unit makes that, or the first connection where systemd listens for it. */
const IDLE = /^Missing privilege separation directory/

/** What sshd does with a login of this person from this address, drop-ins and blocks included. */
export const sshdSettingCheck: Check = { name: 'sshd settings', judge }

function judge(facts: DoctorFacts): Diagnosis {
  switch (facts.sshd.kind) {
    case 'absent':
      return notApplicable('there is no sshd on this host')
    case 'refused':
      return examined(refused(facts.sshd, facts.places.sshd), ...switchFindings(facts))
    case 'settings':
      return examined(...switchFindings(facts), ...methodFindings(facts), ...otherService(facts))
  }
}

function refused(
  { complaint }: Extract<SshdAnswer, { kind: 'refused' }>,
  program: string,
): Finding {
  if (IDLE.test(complaint)) return idle(complaint)
  return {
    severity: 'problem',
    what: `sshd does not take its configuration: ${complaint}`,
    why: 'it will not start again, and nobody can log in then',
    fix: `${program} -t`,
  }
}

function idle(complaint: string): Finding {
  return {
    severity: 'warning',
    what: `sshd does not run, and says nothing of its settings: ${complaint}`,
    why: 'nobody logs in by it now, and nobody can say what it would ask for',
    fix: 'systemctl status ssh.service ssh.socket; then: systemctl start ssh; otpgate doctor',
  }
}

/** Both have to be "yes"; AuthenticationMethods that need what is off are an error to sshd. */
function switchFindings(facts: DoctorFacts): readonly Finding[] {
  return [
    ...switchedOff(facts, 'UsePAM', 'no PAM stack is run, and nobody is asked for a code'),
    ...switchedOff(facts, 'KbdInteractiveAuthentication', 'sshd has no way to ask for a code'),
  ]
}

function switchedOff(facts: DoctorFacts, name: string, why: string): readonly Finding[] {
  const { sshd, sshdLines, login } = facts
  const { user } = login
  const keyword = name.toLowerCase()
  const value =
    sshd.kind === 'settings' ? settingOf(sshd, keyword) : findWritten(sshdLines, keyword)
  if (value === 'yes' || value === undefined) return []
  const isWanted = (each: string) => each === 'yes'
  return [settingFinding(facts, { user, name, value, why, wanted: 'yes', isWanted })]
}

/** Of the examined login, and of root where sshd lets root in. */
function methodFindings(facts: DoctorFacts): readonly Finding[] {
  const { login, sshd, sshdForRoot, codeGroups } = facts
  const isOutside = codeGroups.length === 0
  const rootLogin = settingOf(sshdForRoot, 'permitrootlogin')
  const mayBeRoot = rootLogin !== '' && rootLogin !== 'no'
  // Once is enough.
  const isAlike = settingOf(sshd, METHODS) === settingOf(sshdForRoot, METHODS)
  return [
    ...weakMethods(facts, login.user, sshd, isOutside),
    ...(mayBeRoot && !isAlike ? weakMethods(facts, ROOT, sshdForRoot, true) : []),
  ]
}

/** `isOutside`: of all groups that are asked for a code, where some are. */
function weakMethods(
  facts: DoctorFacts,
  user: string,
  sshd: SshdAnswer,
  isOutside: boolean,
): readonly Finding[] {
  const name = 'AuthenticationMethods'
  const value = settingOf(sshd, METHODS)
  const traits = readTraits(facts)
  if (value === UNSET && traits.isForSome && isOutside) return []
  const isWanted = (each: string) => demandsTwoFactors(each, traits)
  if (isWanted(value)) return []
  const why =
    value === UNSET
      ? 'sshd itself demands one factor only: the account line of PAM is all that is left'
      : 'not every list has a first factor and, behind it, the code (keyboard-interactive:pam)'
  const wanted = traits.isCombined
    ? 'keyboard-interactive:pam'
    : 'publickey,keyboard-interactive:pam'
  return [settingFinding(facts, { user, name, value, why, wanted, isWanted })]
}

/** From OpenSSH 9.8 on another service may be named (PAMServiceName). */
function otherService({ sshd, login: { service } }: DoctorFacts): readonly Finding[] {
  const named = settingOf(sshd, 'pamservicename')
  if (named === '' || named === service || service !== USUAL_SERVICE) return []
  return [
    {
      severity: 'problem',
      what: `sshd runs the PAM service "${named}", not "${service}": PAMServiceName says so`,
      why: 'the stack that is looked at below is not the one that logins run',
      fix: `otpgate doctor --service ${named}`,
    },
  ]
}

interface Setting {
  readonly user: string
  readonly name: string
  readonly value: string
  readonly why: string
  readonly wanted: string
  readonly isWanted: (value: string) => boolean
}

function settingFinding(
  { sshdLines, login, places }: DoctorFacts,
  { user, name, value, why, wanted, isWanted }: Setting,
): Finding {
  const { place, spot, overruled } = findOrigin(sshdLines, name.toLowerCase(), value, isWanted)
  const instead = overruled === undefined ? '' : `, and wins over ${overruled}`
  return {
    severity: 'problem',
    what: `${name} is "${value}" for ${user} from ${login.address} (${place}${instead})`,
    why,
    fix: `editor ${spot ?? places.sshdConfig}  # ${name} ${wanted}; then: systemctl reload ssh`,
  }
}

/** The effective value in lower case; empty where sshd does not know the keyword. */
function settingOf(sshd: SshdAnswer, keyword: string): string {
  if (sshd.kind !== 'settings') return ''
  return sshd.values.get(keyword)?.[0]?.toLowerCase() ?? ''
}
