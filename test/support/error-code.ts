import { AppError, type ErrorCode } from '../../src/base/errors.ts'

/** Code of the AppError that `action` throws; `undefined` where it throws none. Others pass. */
export function errorCodeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}
