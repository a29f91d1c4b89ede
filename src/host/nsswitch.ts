import { readFileSync } from 'node:fs'
import { errnoOf } from './errno.ts'

/** The databases of nsswitch.conf(5) that are asked here. */
export type NssDatabase = 'passwd' | 'group' | 'initgroups'

/** Sources that are on this host, and cannot be away. */
const LOCAL_SOURCES: readonly string[] = ['files', 'systemd']

/** Stands where nobody knows what is meant. It is no source, and so never `files`. */
const UNCLEAR = 'unclear'

/**
 * Whether a name found in the local file is the answer, with no other source to ask: `files` comes
 * first, without an action behind it, or nothing is said at all (then it is glibc's default).
 */
export function isFileAuthoritative(nsswitchPath: string, database: 'passwd' | 'group'): boolean {
  const [first = 'files', second = ''] = readSources(nsswitchPath, database)
  return first === 'files' && !second.startsWith('[')
}

/**
 * Who says who is in which group. Every source adds its own (initgroups in nsswitch.conf(5)): the
 * local file alone, the file and then others, or whoever else.
 */
export function judgeGroupSources(nsswitchPath: string): 'file-alone' | 'file-first' | 'others' {
  const [first = 'files', ...others] = readGroupSources(nsswitchPath)
  if (first !== 'files') return 'others'
  return others.length === 0 ? 'file-alone' : 'file-first'
}

/** Whether some members of a group may be known only to a source that can be away. */
export function hasRemoteMembers(nsswitchPath: string): boolean {
  return readGroupSources(nsswitchPath).some(
    (source) => !source.startsWith('[') && !LOCAL_SOURCES.includes(source),
  )
}

function readGroupSources(nsswitchPath: string): readonly string[] {
  const named = readSources(nsswitchPath, 'initgroups')
  return named.length > 0 ? named : readSources(nsswitchPath, 'group')
}

/** Sources and actions behind the name of the database; none where nothing is said of it. */
function readSources(nsswitchPath: string, database: NssDatabase): readonly string[] {
  const content = readText(nsswitchPath)
  if (content === undefined) return [UNCLEAR]
  const [line, ...others] = content
    .split('\n')
    .map((each) => each.replace(/#.*/s, '').split(':'))
    .filter(([key]) => key?.trim().toLowerCase() === database)
  if (line === undefined) return []
  // Two lines are a mistake, and so is a line that names nothing.
  const sources = line[1]?.match(/\[[^\]]*\]?|[^\s[]+/g) ?? [UNCLEAR]
  return others.length > 0 ? [UNCLEAR] : sources
}

/** What is not there says nothing; `undefined`: it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? '' : undefined
  }
}
