import { EXIT, type ExitStatus, listErrorCodes } from '../cli/exit-codes.ts'
import type { DenialReason } from '../domain/decision.ts'
import type { Entry } from './page.ts'

const STATUS_WORDS: Readonly<Record<ExitStatus, string>> = {
  [EXIT.done]: 'done',
  [EXIT.refused]:
    'refused or failed: a wrong code, a declined question, output that could not be written',
  [EXIT.usage]: 'the command line is not understood, or says too little',
  [EXIT.unknown]: 'there is no such user, group, device, code or address',
  [EXIT.exists]: 'it exists already',
  [EXIT.store]: 'the database is missing, locked, damaged, full, or of a newer otpgate',
  [EXIT.key]: 'the master key is missing, wrong, or badly protected',
  [EXIT.config]: 'the configuration is invalid, or cannot be read',
  [EXIT.notPermitted]: 'whoever runs it may not',
  [EXIT.problems]:
    'it has run to its end, and found problems; `config check` and `doctor --strict`: or warnings',
}

const REASON_WORDS: Readonly<Record<DenialReason, string>> = {
  empty: 'nothing was typed',
  truncated: 'more was typed than any answer has',
  'refused-by-sshd': 'sshd had refused this login already, and says so in place of an answer',
  'not-a-code': 'what was typed has not the shape of a code; it is neither kept nor charged',
  'user-unknown': 'the passwd database knows nobody of this name',
  'uid-changed': 'the name has another uid than at enrolment; see `otpgate rebind`',
  'must-enroll': 'devices were reset and no new one is confirmed yet',
  suspended: 'an admin has suspended the account; see `otpgate resume`',
  'password-wrong': 'the login password in front of the code is wrong',
  'not-enrolled': 'there is no device, and the policy says deny',
  'first-factor-missing': 'sshd has proven nothing before the code, so the code is not looked at',
  throttled: 'a wait after wrong codes is not over; the answer was not judged',
  locked: 'too many wrong codes; see `otpgate unlock`',
  'code-wrong': 'the code is of no device of this person',
  'code-replayed': 'the code is right, and was used before',
  'clock-behind': 'the clock of the host has gone back behind a code that was used',
  'not-excused': 'no exemption and no invitation holds: a code is needed',
  'ticket-missing': 'this connection has proven no second factor before the account phase',
}

/** The exit statuses of otpgate, each with the codes of the errors that end by it. */
export function listStatuses(): readonly Entry[] {
  return Object.entries(STATUS_WORDS).map(([status, words]) => {
    const codes = listErrorCodes().filter((error) => error.status === Number(status))
    const named = codes.map(({ code }) => `\`${code}\``).join(', ')
    return { term: `\`${status}\``, about: named === '' ? words : `${words}: ${named}` }
  })
}

/** The reasons of denied logins, as the log and the audit have them. */
export function listReasons(): readonly Entry[] {
  return Object.entries(REASON_WORDS).map(([reason, about]) => ({ term: `\`${reason}\``, about }))
}
