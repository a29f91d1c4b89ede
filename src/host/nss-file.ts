import { readFileSync } from 'node:fs'
import { errnoOf } from './errno.ts'

/** The two databases of nsswitch.conf(5) that are asked here. */
export type NssDatabase = 'passwd' | 'group'

/**
 * Whether a name found in the local file is the answer, with no other source to ask: `files` comes
 * first, without an action behind it, or nothing is said at all (then it is glibc's default).
 */
export function isFileAuthoritative(nsswitchPath: string, database: NssDatabase): boolean {
  const text = readText(nsswitchPath)
  if (text === 'missing') return true
  if (text === 'unreadable') return false
  const sources = text.content
    .split('\n')
    .map((line) => line.replace(/#.*/s, '').split(':'))
    .filter(([key]) => key?.trim().toLowerCase() === database)
    .map(([, value]) => value?.trim() ?? '')
  if (sources.length === 0) return true
  return sources.length === 1 && /^files(\s+[^\s[]|$)/.test(sources[0] ?? '')
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
