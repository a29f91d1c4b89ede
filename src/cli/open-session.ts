import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { isThere } from '../host/path.ts'
import { loadConfig, openPorts, type TimeLimit, verifyPolicy } from '../wire.ts'
import type { Session } from './context.ts'

/** An admin waits a while for logins that write at the same time; there is no deadline. */
export const ADMIN_TIME_LIMIT: TimeLimit = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** Opens the database for an admin's command. Throws ERR_CONFIG_*, ERR_KEY_* and ERR_STORE_*. */
export function openSession(configPath: string): Session {
  const config = asAdmin(() => loadConfig(configPath))
  try {
    const ports = asAdmin(() => openPorts(config, ADMIN_TIME_LIMIT))
    return { config, policy: verifyPolicy(config), ports }
  } catch (error) {
    throw withNextStep(error, config.store)
  }
}

/** Runs `act`; somebody who forgot sudo is told so, not that a file is broken: ERR_NOT_PERMITTED. */
export function asAdmin<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    const { cause } = error instanceof AppError ? error : {}
    const isDenied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES'
    if (!isDenied) throw error
    throw new AppError('ERR_NOT_PERMITTED', 'this is for root only', {
      hint: 'run it with sudo',
      cause: error,
    })
  }
}

/** What to do where nothing is there yet, and where half of it is gone: not the same at all. */
function withNextStep(error: unknown, { path }: Session['config']['store']): unknown {
  if (!(error instanceof AppError)) return error
  const { code, message } = error
  if (code === 'ERR_KEY_MISSING' && isThere(path)) {
    const hint = `restore it: ${toPrintable(path)} cannot be read with any other`
    return new AppError(code, message, { hint, cause: error })
  }
  if (code === 'ERR_KEY_MISSING' || code === 'ERR_STORE_MISSING') {
    const hint =
      code === 'ERR_KEY_MISSING'
        ? 'restore it from a backup; on a new host run: otpgate init'
        : 'restore it from a backup; where otpgate init was cut off, run it again'
    return new AppError(code, message, { hint, cause: error })
  }
  return error
}
