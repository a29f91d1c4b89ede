import { PAM_RETURNS, type PamReturn } from './pam-control.ts'
import { parsePamExec, runsModule } from './pam-exec.ts'
import type { PamLine } from './pam-line.ts'

/** Programs that a user starts, and that keep his uid while root's rights are theirs (setuid). */
const OF_THEIR_CALLER: readonly string[] = ['su', 'su-l', 'chsh', 'chfn']
/** pam_exec runs a program: it says yes, or how that failed. */
const EXEC_ANSWERS = PAM_RETURNS.filter((each) => !['new_authtok_reqd', 'ignore'].includes(each))

interface Certainty {
  readonly module: string
  readonly answers: (line: PamLine, service: string) => readonly PamReturn[]
}

const CERTAIN: readonly Certainty[] = [
  { module: 'pam_permit.so', answers: () => ['success'] },
  // Which of them for an account, its versions differ about.
  { module: 'pam_deny.so', answers: () => ['auth_err', 'acct_expired'] },
  { module: 'pam_rootok.so', answers: (_, service) => rootAnswers(service) },
  { module: 'pam_exec.so', answers: execAnswers },
]

/** What a module certainly answers on this line of this service; all that is not known, may be anything. */
export function answersOf(line: PamLine, service: string): readonly PamReturn[] {
  const known = CERTAIN.find(({ module }) => runsModule(line, module))
  return known?.answers(line, service) ?? PAM_RETURNS
}

/**
 * It looks at the uid of the process that PAM runs in: under sshd that is root's, whoever logs in. Under
 * su it is that of the caller: whom it says yes to is root already.
 */
function rootAnswers(service: string): readonly PamReturn[] {
  if (service === 'sshd') return ['success']
  return OF_THEIR_CALLER.includes(service) ? ['auth_err'] : ['success', 'auth_err']
}

function execAnswers(line: PamLine): readonly PamReturn[] {
  return parsePamExec(line)?.otherType === undefined ? EXEC_ANSWERS : ['ignore']
}
