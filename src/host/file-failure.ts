import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

/** Does something to a file; what the system says against it is ERR_OUTPUT_FAILED, with these words. */
export function doFile<T>(verb: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const reason = errnoOf(cause) ?? 'unknown'
    throw new AppError('ERR_OUTPUT_FAILED', `cannot ${verb} ${toPrintable(path)} (${reason})`, {
      cause,
    })
  }
}
