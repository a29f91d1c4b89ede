import type { PasswordCheck } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { errnoOf } from './errno.ts'

/** Where distributions put it; with merged directories both are the same file. */
const PROGRAMS: readonly string[] = ['/usr/sbin/unix_chkpwd', '/sbin/unix_chkpwd']
/** A hash with a high cost takes a second. */
const TIME_LIMIT_MILLISECONDS = 5000

/** PAM_SUCCESS and PAM_AUTH_ERR (_pam_types.h): what it ends with where it could check. */
const STATUS_RIGHT = 0
const STATUS_WRONG = 7

/** Takes the place of a name that the host does not know: it may be a mistyped password. */
const NOBODY = ''

/**
 * unix_chkpwd(8), pam_unix's own program: it alone reads shadow(5), and knows every kind of hash there.
 * An empty password is never right with it, and neither is any for an account that is locked; expiry is
 * for the account phase. Run as root, or it would only check the caller's own.
 */
export function createPasswordCheck(
  programs: readonly string[] = PROGRAMS,
  timeLimitMilliseconds = TIME_LIMIT_MILLISECONDS,
): PasswordCheck {
  return {
    isRight(name, password) {
      const input = Buffer.concat([password, Buffer.alloc(1)])
      const status = run(programs, name ?? NOBODY, input, timeLimitMilliseconds)
      input.fill(0)
      if (name === undefined) return false
      if (status === STATUS_RIGHT) return true
      if (status === STATUS_WRONG) return false
      throw new AppError('ERR_PASSWORD_CHECK_FAILED', 'the login password cannot be checked', {
        hint: 'only passwords of /etc/shadow can be: see unix_chkpwd(8)',
        cause: `status ${status}`,
      })
    },
  }
}

/** The status of the first program that is there; `undefined`: none is, or it came to no end. */
function run(
  programs: readonly string[],
  name: string,
  input: Buffer,
  timeout: number,
): number | undefined {
  // Loaded here, as only this way of logging in needs it: see getent.ts.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  for (const program of programs) {
    const { error, status } = spawnSync(program, [name, 'nonull'], {
      input,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      timeout,
      killSignal: 'SIGKILL',
    })
    if (errnoOf(error) !== 'ENOENT') return error === undefined ? (status ?? undefined) : undefined
  }
  return undefined
}
