import { readFileSync } from 'node:fs'
import { errnoOf } from './errno.ts'

/** The databases of nsswitch.conf(5) that are asked here. */
export type NssDatabase = 'passwd' | 'group' | 'initgroups'

/**
 * Whether a name found in the local file is the answer, with no other source to ask: `files` comes
 * first, without an action behind it, or nothing is said at all (then it is glibc's default).
 */
export function isFileAuthoritative(nsswitchPath: string, database: NssDatabase): boolean {
  const text = readText(nsswitchPath)
  if (typeof text === 'string') return text === 'missing'
  return sourcesOf(database, text.content).every((source) => /^files(\s+[^\s[]|$)/.test(source))
}

/**
 * Whether the local file alone says who is in which group: every source adds its own (initgroups in
 * nsswitch.conf(5)), so none but `files` may be there.
 */
export function isGroupFileAlone(nsswitchPath: string): boolean {
  const text = readText(nsswitchPath)
  if (typeof text === 'string') return text === 'missing'
  const named = sourcesOf('initgroups', text.content)
  const sources = named.length > 0 ? named : sourcesOf('group', text.content)
  return sources.every((source) => source === 'files')
}

/** All lines of a file, as binary strings; `undefined`: it is not there, or cannot be read. */
export function readFileLines(path: string): readonly string[] | undefined {
  const text = readText(path)
  return typeof text === 'string' ? undefined : text.content.split('\n')
}

/** What stands behind the name of the database. Two lines are a mistake: nobody knows what is meant. */
function sourcesOf(database: NssDatabase, content: string): readonly string[] {
  const lines = content
    .split('\n')
    .map((line) => line.replace(/#.*/s, '').split(':'))
    .filter(([key]) => key?.trim().toLowerCase() === database)
    .map(([, value]) => value?.trim() ?? '')
  return lines.length > 1 ? ['unclear'] : lines
}

/**
 * The first line of `name` in a file of colon-separated lines, as a binary string; `undefined`: it
 * is not there, or the file cannot be read. Names with a sign are compat entries, never users.
 */
export function findFileLine(path: string, name: string): string | undefined {
  if (name.startsWith('+') || name.startsWith('-')) return undefined
  const text = readText(path)
  if (typeof text === 'string') return undefined
  const lines = `\n${text.content}`
  const start = lines.indexOf(`\n${Buffer.from(name, 'utf8').toString('latin1')}:`)
  if (start < 0) return undefined
  const end = lines.indexOf('\n', start + 1)
  return lines.slice(start + 1, end < 0 ? lines.length : end)
}

function readText(path: string): 'missing' | 'unreadable' | { readonly content: string } {
  try {
    return { content: readFileSync(path, 'latin1') }
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'missing' : 'unreadable'
  }
}
