import { toPrintable } from '../base/text.ts'
import type { Passwd } from './ports.ts'

/** Something that is allowed, and probably not what was meant. */
export interface PolicyWarning {
  /** Keys of the configuration from the top of the file. */
  readonly path: readonly string[]
  /** Lower case, no full stop. */
  readonly message: string
  readonly hint: string
}

export interface ReviewPorts {
  readonly passwd: Passwd
  readonly hasPamService: (name: string) => boolean
  /** Whether a group is in the local file, and some of its members may be known only elsewhere. */
  readonly mayMissMembers: (group: string) => boolean
}

/** A PAM service that has no file here. */
export function reviewService(
  hasPamService: ReviewPorts['hasPamService'],
  service: string,
  path: readonly string[],
): readonly PolicyWarning[] {
  if (hasPamService(service)) return []
  const message = `there is no PAM service ${service}`
  return [{ path, message, hint: 'see: ls /etc/pam.d' }]
}

/** A user who is not there, or is called otherwise. */
export function reviewUser(
  { passwd }: ReviewPorts,
  user: string,
  path: readonly string[],
): readonly PolicyWarning[] {
  const found = passwd.findByName(user)?.name
  if (found === user) return []
  const message =
    found === undefined
      ? `there is no user ${toPrintable(user)}`
      : `the user ${toPrintable(user)} is called ${toPrintable(found)} here`
  return [{ path, message, hint: `see: getent passwd ${toPrintable(user)}` }]
}

/** A group that is not there. */
export function reviewGroup(
  { passwd }: ReviewPorts,
  group: string,
  path: readonly string[],
): readonly PolicyWarning[] {
  if (passwd.findGroupMembers(group) !== undefined) return []
  const message = `there is no group ${toPrintable(group)}`
  const effect = path.includes('except_groups') ? 'until there is, the rule excuses nobody; ' : ''
  return [{ path, message, hint: `${effect}see: getent group ${toPrintable(group)}` }]
}

/** An excepted group that loses members, without a word, while a directory is away. */
export function reviewExceptedGroup(
  { mayMissMembers }: ReviewPorts,
  group: string,
): readonly PolicyWarning[] {
  if (!mayMissMembers(group)) return []
  const shown = toPrintable(group)
  return [
    {
      path: ['except_groups'],
      message: `${shown} is a group of this host, and a directory may add members to it`,
      hint: 'while the directory is away those are no members, and the rule excuses them: name them in except_users, or take a group that only the directory has',
    },
  ]
}
