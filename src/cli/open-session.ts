import { AppError } from '../base/errors.ts'
import { loadConfig, openPorts, type Ports, type TimeLimit, verifyPolicy } from '../wire.ts'
import type { Session } from './context.ts'

/** An admin waits a while for logins that write at the same time; there is no deadline. */
export const ADMIN_TIME_LIMIT: TimeLimit = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** Opens the database for an admin's command. Throws ERR_CONFIG_*, ERR_KEY_* and ERR_STORE_*. */
export function openSession(configPath: string): Session {
  const config = loadConfig(configPath)
  return { config, policy: verifyPolicy(config), ports: openAsAdmin(config) }
}

function openAsAdmin(config: Session['config']): Ports {
  try {
    return openPorts(config, ADMIN_TIME_LIMIT)
  } catch (error) {
    throw toPermissionError(error)
  }
}

/** Somebody who forgot sudo is told so, not that key or database are broken. */
export function toPermissionError(error: unknown): unknown {
  const { cause } = error instanceof AppError ? error : {}
  const isDenied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES'
  if (!isDenied) return error
  return new AppError('ERR_NOT_PERMITTED', 'key and database are for root only', {
    hint: 'run it with sudo',
    cause: error,
  })
}
