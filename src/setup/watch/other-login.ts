import type { Passwd } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import type { OpenConnection } from '../../host/sshd-connection.ts'

/**
 * Whether a connection is somebody else's for certain: sshd ends one on which another name is given than
 * at first. One person may go by several names; what cannot be found out is not certain.
 */
export function isOfAnother(
  { user }: OpenConnection,
  account: string,
  passwd: Pick<Passwd, 'findByName'>,
): boolean {
  if (user === undefined) return false
  try {
    const entry = passwd.findByName(user)
    return entry !== undefined && entry.name !== account
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
