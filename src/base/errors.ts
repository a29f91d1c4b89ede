/** Stable and public: scripts match on these. New ones are added, none is ever renamed. */
export type ErrorCode =
  | 'ERR_USAGE'
  | 'ERR_REFUSED'
  | 'ERR_USER_UNKNOWN'
  | 'ERR_ACCOUNT_UNKNOWN'
  | 'ERR_ACCOUNT_EXISTS'
  | 'ERR_ACCOUNT_UID_CHANGED'
  | 'ERR_DEVICE_UNKNOWN'
  | 'ERR_DEVICE_EXISTS'
  | 'ERR_CODE_UNKNOWN'
  | 'ERR_SOURCE_UNKNOWN'
  | 'ERR_SECRET_INVALID'
  | 'ERR_OUTPUT_EXISTS'
  | 'ERR_OUTPUT_FAILED'
  | 'ERR_CONFIG_INVALID'
  | 'ERR_CONFIG_UNREADABLE'
  | 'ERR_KEY_MISSING'
  | 'ERR_KEY_INVALID'
  | 'ERR_KEY_WRONG'
  | 'ERR_KEY_PERMISSION'
  | 'ERR_SEALED_INVALID'
  | 'ERR_STORE_MISSING'
  | 'ERR_STORE_LOCKED'
  | 'ERR_STORE_CORRUPT'
  | 'ERR_STORE_FULL'
  | 'ERR_STORE_SCHEMA'
  | 'ERR_STORE_PERMISSION'
  | 'ERR_STORE_FAILED'
  | 'ERR_PASSWD_FAILED'
  | 'ERR_PASSWORD_CHECK_FAILED'
  | 'ERR_PAM_ENVIRONMENT'
  | 'ERR_DEADLINE'
  | 'ERR_NOT_PERMITTED'
  | 'ERR_SETUP_STATE'
  | 'ERR_SETUP_FAILED'

interface AppErrorOptions {
  /** What to do about it: one sentence for the person who reads it. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * The one exception type for broken or misused things. Expected outcomes are values, not errors.
 * `message`: what happened, lower case, no full stop. It never holds a secret, a code or an answer.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
  }
}

/** What it returns; `undefined`: it met something that is broken or misused. Anything else it throws. */
export function ifPossible<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
