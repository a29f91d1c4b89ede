import { normalize } from 'node:path/posix'
import { formatDuration, parseDuration } from '../base/time.ts'

/** `fault` follows the key's name in a message: `is out of range`. It never repeats the value. */
export type Reading<T> =
  | { readonly outcome: 'value'; readonly value: T }
  | { readonly outcome: 'fault'; readonly fault: string }

/** What a key may hold: the way from TOML's value and back, and the same in words. */
export interface Rule<T> {
  /** Completes "allowed: ..." for the person who edits the file. */
  readonly allowed: string
  read(raw: unknown): Reading<T>
  /** TOML text that `read` takes back. */
  write(value: T): string
}

/** TOML integers from `least` to `most`; `6.0` is none. */
export function wholeNumber(least: number, most: number): Rule<number> {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    read: (raw) =>
      typeof raw === 'bigint' ? within(Number(raw), least, most) : fault('is not a whole number'),
    write: String,
  }
}

/** `least` and `most` in seconds. */
export function duration(least: number, most: number): Rule<number> {
  const range = `from ${formatDuration(least)} to ${formatDuration(most)}`
  return {
    allowed: `a duration ${range}, in quotes, such as "30s", "15m", "4h" or "30d"`,
    read: (raw) => {
      const seconds = typeof raw === 'string' ? findDuration(raw) : undefined
      return seconds === undefined ? fault('is not a duration') : within(seconds, least, most)
    },
    write: (seconds) => quote(formatDuration(seconds)),
  }
}

/** TOML's `true` and `false`. */
export function flag(): Rule<boolean> {
  return {
    allowed: 'true or false',
    read: (raw) =>
      typeof raw === 'boolean' ? { outcome: 'value', value: raw } : fault('is not true or false'),
    write: String,
  }
}

/** One of these strings, spelled exactly so. */
export function oneOf<T extends string>(choices: readonly T[]): Rule<T> {
  return choice(choices, quote, (raw) => raw)
}

/** One of these TOML integers. */
export function oneNumberOf<T extends number>(choices: readonly T[]): Rule<T> {
  return choice(choices, String, (raw) => (typeof raw === 'bigint' ? Number(raw) : undefined))
}

/** A text that `isAllowed`, which `allowed` puts into words. */
export function text(allowed: string, isAllowed: (value: string) => boolean): Rule<string> {
  return {
    allowed,
    read: (raw) => {
      if (typeof raw !== 'string') return fault('is not a text in quotes')
      return isAllowed(raw)
        ? { outcome: 'value', value: raw }
        : fault('is not allowed as it stands')
    },
    write: quote,
  }
}

/** A path from the root, written the shortest way: no `..`, `//` or final slash. */
export function absolutePath(): Rule<string> {
  return text(
    'an absolute path without "..", "//" or a slash at its end',
    (path) =>
      /^\/[^\p{C}]*[^\p{C}/]$/u.test(path) && path.length < 4096 && normalize(path) === path,
  )
}

/** An array of texts, each allowed by `item`, none of them twice. */
export function listOf(item: Rule<string>, most: number): Rule<readonly string[]> {
  return {
    allowed: `an array of at most ${most} texts, none twice, each ${item.allowed}`,
    read: (raw) => {
      if (!Array.isArray(raw)) return fault('is not an array')
      const values: string[] = []
      for (const element of raw) {
        const reading = item.read(element)
        if (reading.outcome === 'fault') return fault('has an element that is not allowed')
        values.push(reading.value)
      }
      const isShort = values.length <= most && new Set(values).size === values.length
      return isShort
        ? { outcome: 'value', value: values }
        : fault('is too long or says a thing twice')
    },
    write: (values) => `[${values.map(item.write).join(', ')}]`,
  }
}

function choice<T>(
  choices: readonly T[],
  write: (value: T) => string,
  plain: (raw: unknown) => unknown,
): Rule<T> {
  const words = choices.map(write)
  return {
    allowed: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    read: (raw) => {
      const value = choices.find((candidate) => candidate === plain(raw))
      return value === undefined ? fault('is none of its choices') : { outcome: 'value', value }
    },
    write,
  }
}

function within(value: number, least: number, most: number): Reading<number> {
  const isWithin = value >= least && value <= most
  return isWithin ? { outcome: 'value', value } : fault('is out of range')
}

function fault(words: string): Reading<never> {
  return { outcome: 'fault', fault: words }
}

/** `undefined` for what `parseDuration` refuses. */
function findDuration(raw: string): number | undefined {
  try {
    return parseDuration(raw)
  } catch {
    return undefined
  }
}

/** JSON's escapes are TOML's too. It leaves DEL as it is and TOML does not: the rules refuse DEL. */
function quote(value: string): string {
  return JSON.stringify(value)
}
