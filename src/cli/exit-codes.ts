import type { ErrorCode } from '../base/errors.ts'

/** Exit statuses of `otpgate`: public, scripts act on them. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  unknown: 3,
  exists: 4,
  store: 5,
  key: 6,
  config: 7,
  notPermitted: 8,
  problems: 9,
} as const

/** One of them. */
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

const STATUS_OF: Readonly<Record<ErrorCode, ExitStatus>> = {
  ERR_USAGE: EXIT.usage,
  ERR_REFUSED: EXIT.refused,
  ERR_USER_UNKNOWN: EXIT.unknown,
  ERR_ACCOUNT_UNKNOWN: EXIT.unknown,
  ERR_ACCOUNT_EXISTS: EXIT.exists,
  ERR_ACCOUNT_UID_CHANGED: EXIT.refused,
  ERR_DEVICE_UNKNOWN: EXIT.unknown,
  ERR_DEVICE_EXISTS: EXIT.exists,
  ERR_CODE_UNKNOWN: EXIT.unknown,
  ERR_SOURCE_UNKNOWN: EXIT.unknown,
  ERR_SECRET_INVALID: EXIT.usage,
  ERR_OUTPUT_EXISTS: EXIT.exists,
  ERR_OUTPUT_FAILED: EXIT.refused,
  ERR_CONFIG_INVALID: EXIT.config,
  ERR_CONFIG_UNREADABLE: EXIT.config,
  ERR_KEY_MISSING: EXIT.key,
  ERR_KEY_INVALID: EXIT.key,
  ERR_KEY_WRONG: EXIT.key,
  ERR_KEY_PERMISSION: EXIT.key,
  ERR_SEALED_INVALID: EXIT.store,
  ERR_STORE_MISSING: EXIT.store,
  ERR_STORE_LOCKED: EXIT.store,
  ERR_STORE_CORRUPT: EXIT.store,
  ERR_STORE_FULL: EXIT.store,
  ERR_STORE_SCHEMA: EXIT.store,
  ERR_STORE_PERMISSION: EXIT.store,
  ERR_STORE_FAILED: EXIT.store,
  ERR_PASSWD_FAILED: EXIT.refused,
  ERR_PASSWORD_CHECK_FAILED: EXIT.refused,
  ERR_PAM_ENVIRONMENT: EXIT.refused,
  ERR_DEADLINE: EXIT.refused,
  ERR_NOT_PERMITTED: EXIT.notPermitted,
  ERR_SETUP_STATE: EXIT.refused,
  ERR_SETUP_FAILED: EXIT.refused,
}

/** The exit status of a command that ends by an error with this code. */
export function exitStatusOf(code: ErrorCode): ExitStatus {
  return STATUS_OF[code]
}

/** Every code with its exit status, for the manual. */
export function listErrorCodes(): readonly {
  readonly code: string
  readonly status: ExitStatus
}[] {
  return Object.entries(STATUS_OF).map(([code, status]) => ({ code, status }))
}
