import type { SshdAnswer } from '../../host/sshd-answer.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'
import { asksForCode, findVerifierCall } from '../pam-line.ts'
import { linesOf, resolvePamStack } from '../pam-stack.ts'
import { findOrigin, findWritten } from '../sshd-origin.ts'

const UNSET = 'any'

/** What sshd does with a login of this person from this address, drop-ins and blocks included. */
export const sshdSettingCheck: Check = { name: 'sshd settings', judge }

function judge(facts: DoctorFacts): Diagnosis {
  switch (facts.sshd.kind) {
    case 'absent':
      return notApplicable('there is no sshd on this host')
    case 'refused':
      return examined(refused(facts.sshd, facts.places.sshd), ...switchFindings(facts))
    case 'settings':
      return examined(...switchFindings(facts), ...methodFindings(facts))
  }
}

function refused(
  { complaint }: Extract<SshdAnswer, { kind: 'refused' }>,
  program: string,
): Finding {
  return {
    severity: 'problem',
    what: `sshd does not take its configuration: ${complaint}`,
    why: 'it will not start again, and nobody can log in then',
    fix: `${program} -t`,
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
  const { sshd, sshdLines } = facts
  const keyword = name.toLowerCase()
  const value =
    sshd.kind === 'settings' ? settingOf(sshd, keyword) : findWritten(sshdLines, keyword)
  if (value === 'yes' || value === undefined) return []
  const isWanted = (each: string) => each === 'yes'
  return [settingFinding(facts, { name, value, why, wanted: 'yes', isWanted })]
}

/** Each list is a way in of its own: the weakest one counts. */
function methodFindings(facts: DoctorFacts): readonly Finding[] {
  const name = 'AuthenticationMethods'
  const value = settingOf(facts.sshd, name.toLowerCase())
  const traits = readTraits(facts)
  if (value === UNSET && traits.isForSome) return []
  const isWanted = (each: string) =>
    each !== UNSET && each.split(/\s+/).every((list) => isTwoFactors(list, traits))
  if (isWanted(value)) return []
  const why =
    value === UNSET
      ? 'sshd itself demands one factor only: the account line of PAM is all that is left'
      : 'not every list has a first factor and, behind it, the code (keyboard-interactive:pam)'
  const wanted = traits.isCombined
    ? 'keyboard-interactive:pam'
    : 'publickey,keyboard-interactive:pam'
  return [settingFinding(facts, { name, value, why, wanted, isWanted })]
}

interface StackTraits {
  /** The password and the code are one answer. */
  readonly isCombined: boolean
  /** Some people are not asked for a code at all. */
  readonly isForSome: boolean
  /** A code may be the only factor. */
  readonly isCodeEnough: boolean
}

function readTraits({ pamFiles, login: { service }, config }: DoctorFacts): StackTraits {
  const lines = linesOf(resolvePamStack(pamFiles, service, 'auth') ?? [])
  const calls = lines.map(findVerifierCall).filter((call) => call !== undefined)
  const isCombined = calls.some((call) => call.args.includes('--password-and-code'))
  return {
    isCombined,
    isForSome: calls.some((call) => !asksForCode(call) && call.args.includes('--outside-group')),
    isCodeEnough: !(config instanceof Error) && config.policy.codeAlone.includes(service),
  }
}

function isTwoFactors(list: string, { isCombined, isCodeEnough }: StackTraits): boolean {
  const methods = list.split(',').map((method) => method.replace(/:.*$/, ''))
  if (isCombined && methods.includes('password')) return true
  if (!methods.includes('keyboard-interactive')) return false
  return isCombined || isCodeEnough || methods.length > 1
}

interface Setting {
  readonly name: string
  readonly value: string
  readonly why: string
  readonly wanted: string
  readonly isWanted: (value: string) => boolean
}

function settingFinding(
  { sshdLines, login, places }: DoctorFacts,
  { name, value, why, wanted, isWanted }: Setting,
): Finding {
  const { place, file, overruled } = findOrigin(sshdLines, name.toLowerCase(), value, isWanted)
  const instead = overruled === undefined ? '' : `, and wins over ${overruled}`
  return {
    severity: 'problem',
    what: `${name} is "${value}" for ${login.user} from ${login.address} (${place}${instead})`,
    why,
    fix: `editor ${file ?? places.sshdConfig}  # ${name} ${wanted}; then: systemctl reload ssh`,
  }
}

/** The effective value in lower case; empty where sshd does not know the keyword. */
function settingOf(sshd: SshdAnswer, keyword: string): string {
  if (sshd.kind !== 'settings') return ''
  return sshd.values.get(keyword)?.[0]?.toLowerCase() ?? ''
}
