import { AppError, type ErrorCode } from '../../../base/errors.ts'

/** An error in words for the person whom it is about. All others are written for an admin. */
export class OwnError extends AppError {}

interface Words {
  /** In place of a message that speaks of the person by name. */
  readonly message?: string
  readonly hint: string
}

const NAMED: Partial<Record<ErrorCode, Words>> = {
  ERR_ACCOUNT_UNKNOWN: { message: 'you have no account here', hint: 'ask your administrator' },
  ERR_ACCOUNT_EXISTS: {
    message: 'you are enrolled already',
    hint: 'for a further device: sudo otpgate self device add',
  },
  ERR_ACCOUNT_UID_CHANGED: {
    message: 'your account here has changed',
    hint: 'ask your administrator',
  },
  ERR_DEVICE_EXISTS: {
    message: 'you have a device of that name already',
    hint: 'choose another label',
  },
  ERR_DEVICE_UNKNOWN: {
    message: 'that device is not there any more',
    hint: 'delete it from the app; see: sudo otpgate self device list',
  },
}

/** Good for whoever reads them: what may be typed, and nothing about anybody. */
const FOR_ALL: readonly ErrorCode[] = ['ERR_USAGE']

/**
 * The error as the person is to read it: they are "you", and have no command of an admin. `again`: how
 * they start over.
 */
export function forPerson(error: unknown, again: string): unknown {
  if (!(error instanceof AppError) || error instanceof OwnError) return error
  const { code, message, hint } = error
  if (hint === undefined || FOR_ALL.includes(code)) return error
  const words: Words = NAMED[code] ?? {
    hint: `start again with: ${again}; or ask your administrator`,
  }
  return new OwnError(code, words.message ?? message, { hint: words.hint, cause: error })
}
