import type { Passwd } from './ports.ts'

/**
 * Whether the person is known, the group exists, and they are not in it: whom otpgate leaves to the
 * host's own way of logging in. A group that is not there is a typing error, or a directory that is
 * down, and makes nobody an outsider. Throws ERR_PASSWD_FAILED where it could not be found out.
 */
export function isOutsideGroup(passwd: Passwd, user: string, group: string): boolean {
  const entry = passwd.findByName(user)
  if (entry === undefined) return false
  const { joined, missing } = passwd.findGroups(entry, [group])
  return joined.length === 0 && missing.length === 0
}
