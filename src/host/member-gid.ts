import { AppError } from '../base/errors.ts'
import type { GetentAnswer, GetentRequest } from './getent.ts'
import type { ReadEntries } from './local-file.ts'
import { judgeGroupSources } from './nsswitch.ts'
import type { GroupLine } from './passwd-line.ts'

/** Where and how group memberships are found. */
export interface GroupPlaces {
  readonly nsswitchFile: string
  readonly getent: string
  readonly timeLimitMilliseconds: number
  readonly askGetent: (request: GetentRequest) => GetentAnswer
  readonly readGroup: ReadEntries<GroupLine>
}

/**
 * Ids of somebody's supplementary groups, from all sources (getgrouplist(3)). Throws
 * ERR_PASSWD_FAILED. A source that is away and does not say so cannot be told from one that knows
 * of no group; but what the local file says must be among what all say together.
 */
export function findMemberGids(from: GroupPlaces, member: string): readonly number[] {
  const sources = judgeGroupSources(from.nsswitchFile)
  const local = sources === 'others' ? undefined : readMemberGids(from, member)
  if (sources === 'file-alone' && local !== undefined) return local
  const asked = askMemberGids(from, member)
  if (local?.every((gid) => asked.includes(gid)) ?? true) return asked
  throw new AppError('ERR_PASSWD_FAILED', 'getent leaves out groups that the local file gives', {
    hint: 'run "getent initgroups NAME" to see which',
  })
}

/** Of the groups whose line names this member; `undefined`: the file alone does not tell. */
function readMemberGids({ readGroup }: GroupPlaces, member: string): readonly number[] | undefined {
  return readGroup()
    ?.filter(({ members }) => members.includes(member))
    .map(({ gid }) => gid)
}

/** The line is the name, padded, and the ids. */
function askMemberGids(
  { getent: program, timeLimitMilliseconds, askGetent }: GroupPlaces,
  member: string,
): readonly number[] {
  const request = { program, timeLimitMilliseconds, database: 'initgroups', key: member } as const
  const [line = '', ...others] = askGetent(request) ?? []
  const name = Buffer.from(member, 'utf8').toString('latin1')
  const ids = line.slice(name.length)
  if (others.length > 0 || !line.startsWith(name) || !/^(?: +\d{1,10})* *$/.test(ids)) {
    throw new AppError('ERR_PASSWD_FAILED', 'the group database gave no list that can be read')
  }
  return (ids.match(/\d+/g) ?? []).map(Number)
}
