import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { readBoundedFile } from './bounded-file.ts'

/** Relative names of `Include` start here (sshd_config(5)). */
const INCLUDE_BASE = '/etc/ssh'
/** sshd's own limit (SERVCONF_MAX_DEPTH). */
const DEEPEST_INCLUDE = 16
/** Files that include each other come to any number, until sshd itself gives up. */
const MOST_FILES = 1000
const MOST_BYTES = 1_048_576

/** One setting as it is written down. */
export interface SshdLine {
  readonly file: string
  readonly line: number
  /** In lower case. */
  readonly keyword: string
  readonly value: string
  /** The conditions of the block it stands in; `undefined`: it is for everybody. */
  readonly match: string | undefined
}

/**
 * Every setting of an sshd_config in the order in which sshd comes to it, includes in their place;
 * what cannot be read has none: sshd itself complains of it.
 */
export function readSshdLines(file: string): readonly SshdLine[] {
  return readFile({ filesLeft: MOST_FILES }, file, undefined, 0)
}

function readFile(
  budget: { filesLeft: number },
  file: string,
  match: string | undefined,
  depth: number,
): readonly SshdLine[] {
  budget.filesLeft -= 1
  if (budget.filesLeft < 0) return []
  // A block ends with the file it began in.
  let block = match
  return readLines(file).flatMap((text, index): readonly SshdLine[] => {
    const { keyword, value } = parseLine(text)
    if (keyword === '' || keyword.startsWith('#')) return []
    if (keyword === 'match') {
      block = value.toLowerCase() === 'all' ? match : value
      return []
    }
    if (keyword !== 'include') return [{ file, line: index + 1, keyword, value, match: block }]
    if (depth >= DEEPEST_INCLUDE) return []
    const files = value.split(/\s+/).flatMap(expandInclude)
    return files.flatMap((each) => readFile(budget, each, block, depth + 1))
  })
}

/** `Keyword value` and `Keyword=value` mean the same; a value may be quoted. */
function parseLine(text: string): { readonly keyword: string; readonly value: string } {
  const [, keyword = '', value = ''] = /^\s*([^\s=]+)\s*=?\s*(.*?)\s*$/.exec(text) ?? []
  return { keyword: keyword.toLowerCase(), value: splitWords(value).join(' ') }
}

/** A word in quotation marks is one, blanks and all; `#` where a word would begin ends the line. */
function splitWords(value: string): readonly string[] {
  const words = value.match(/"[^"]*"|[^\s"]+/g) ?? []
  const comment = words.findIndex((word) => word.startsWith('#'))
  const own = comment < 0 ? words : words.slice(0, comment)
  return own.map((word) => word.replaceAll('"', ''))
}

/** In the order of glob(3): sorted, as in the C locale. */
function expandInclude(pattern: string): readonly string[] {
  return globSync(resolve(INCLUDE_BASE, pattern.replaceAll('"', ''))).toSorted()
}

function readLines(file: string): readonly string[] {
  return readBoundedFile(file, MOST_BYTES)?.text.split('\n') ?? []
}
