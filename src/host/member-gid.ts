import { AppError } from '../base/errors.ts'
import { type GetentRequest, runGetent } from './getent.ts'
import { readFileLines } from './nss-file.ts'
import { parseGroupLine } from './passwd-line.ts'

/** Ids of the groups whose line in the local file names this member; `undefined`: no file to read. */
export function readMemberGids(groupFile: string, member: string): readonly number[] | undefined {
  return readFileLines(groupFile)?.flatMap((line) => {
    const group = parseGroupLine(line)
    return group?.members.includes(member) ? [group.gid] : []
  })
}

/**
 * Ids of the supplementary groups that all sources together give somebody (getgrouplist(3)). Throws
 * ERR_PASSWD_FAILED. Its line is the name, padded, and the ids.
 */
export function askMemberGids(
  request: Omit<GetentRequest, 'database' | 'key'>,
  member: string,
): readonly number[] {
  const [line = '', ...others] =
    runGetent({ ...request, database: 'initgroups', key: member }) ?? []
  const name = Buffer.from(member, 'utf8').toString('latin1')
  const ids = line.slice(name.length)
  if (others.length > 0 || !line.startsWith(name) || !/^(?: +\d{1,10})* *$/.test(ids)) {
    throw new AppError('ERR_PASSWD_FAILED', 'the group database gave no list that can be read')
  }
  return (ids.match(/\d+/g) ?? []).map(Number)
}
