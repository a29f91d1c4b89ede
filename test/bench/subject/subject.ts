import type { OtpgateHost } from '../../support/otpgate-host.ts'

/** One way to prove a second factor, as a PAM service. */
export interface Subject {
  readonly id: string
  readonly title: string
  readonly service: string
  /** Takes back what logins of these people have left: each can be the first of its step again. */
  readonly reset: (names: readonly string[]) => void
  /** Processor time so far of what works for logins outside of their own processes, in ms. */
  readonly cpuMs: () => number
  /** How often so far another verifier has stood in for it; `undefined`: none ever does. */
  readonly fallbacks: (() => number) | undefined
}

export interface SubjectOptions {
  readonly reset?: Subject['reset']
  readonly cpuMs?: Subject['cpuMs']
  readonly fallbacks?: Subject['fallbacks']
}

/**
 * One call in the auth phase, and nothing else that could be left out: pam_exec takes no part in
 * setcred, pam_permit does.
 */
export function addSingleCall(
  host: OtpgateHost,
  { id, title }: Pick<Subject, 'id' | 'title'>,
  call: string,
  options: SubjectOptions = {},
): Subject {
  const text = `auth requisite ${call}\nauth required pam_permit.so\naccount required pam_permit.so\n`
  return addSubject(host, { id, title }, text, options)
}

/** What Debian's /etc/pam.d/sshd has to say about the account, whatever proves the factors. */
const ACCOUNT_LINES = 'account required pam_nologin.so\n@include common-account\n'

/** All of sshd's stack up to the session. */
export function addWholeStack(
  host: OtpgateHost,
  { id, title }: Pick<Subject, 'id' | 'title'>,
  recipe: string,
  options: SubjectOptions = {},
): Subject {
  return addSubject(host, { id, title }, `${recipe}\n${ACCOUNT_LINES}`, options)
}

function addSubject(
  host: OtpgateHost,
  { id, title }: Pick<Subject, 'id' | 'title'>,
  text: string,
  { reset = () => {}, cpuMs = () => 0, fallbacks }: SubjectOptions,
): Subject {
  return { id, title, service: host.addPamService(text), reset, cpuMs, fallbacks }
}
