import type { Passwd, PasswdEntry } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { type Environment, readEnvironment } from './environment.ts'

/** Decimal, as sudo(8) writes a uid: no sign, no leading zero. */
const USER_ID = /^(?:0|[1-9]\d{0,9})$/
const ROOT_UID = 0

/**
 * The person whom sudo runs this command for. sudo puts SUDO_UID and SUDO_USER there itself, whatever
 * the caller's environment says; both have to be there and mean the same entry of the passwd
 * database. Throws ERR_NOT_PERMITTED otherwise, and for root, who is nobody in particular; and
 * ERR_PASSWD_FAILED.
 */
export function identifyInvoker(
  passwd: Pick<Passwd, 'findByName'>,
  { SUDO_UID, SUDO_USER }: Environment = readEnvironment(),
): PasswdEntry {
  if (!SUDO_UID || !SUDO_USER) throw notThroughSudo()
  const uid = USER_ID.test(SUDO_UID) ? Number(SUDO_UID) : undefined
  if (uid === ROOT_UID) throw isRoot()
  const entry = passwd.findByName(SUDO_USER)
  if (entry === undefined || entry.uid !== uid) throw isContradiction(SUDO_USER, SUDO_UID)
  return entry
}

function notThroughSudo(): AppError {
  return new AppError('ERR_NOT_PERMITTED', 'this is for people themselves, through sudo', {
    hint: 'in your own session run: sudo otpgate self status',
  })
}

function isRoot(): AppError {
  return new AppError('ERR_NOT_PERMITTED', 'this is for people themselves, not for root', {
    hint: 'in your own session run: sudo otpgate self status; as root: otpgate show USER',
  })
}

function isContradiction(user: string, uid: string): AppError {
  return new AppError(
    'ERR_NOT_PERMITTED',
    `the host knows no ${toPrintable(user, 40)} with uid ${toPrintable(uid, 20)}`,
    { hint: 'log out and in again; if it stays, ask your administrator' },
  )
}
