import { normalize } from 'node:path/posix'
import { formatDuration, parseDuration } from '../base/time.ts'

export type Reading<T> = { readonly outcome: 'value'; readonly value: T } | Fault

/** Why a value is not allowed; nothing here repeats it. */
export interface Fault {
  readonly outcome: 'fault'
  /** Follows the key's name in a message: `is out of range`. */
  readonly fault: string
  /** What to do, where that can be guessed. */
  readonly advice?: string | undefined
}

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
  const parse = (value: string) => (isAllowed(value) ? value : undefined)
  return textAs({ allowed, parse, write: (value) => value })
}

/** How a text stands for a value. */
interface Notation<T> {
  readonly allowed: string
  /** `undefined`: not allowed. */
  readonly parse: (raw: string) => T | undefined
  readonly write: (value: T) => string
  /** What to do about a text that is not allowed, where it shows what was meant. */
  readonly adviseOn?: (raw: string) => string | undefined
}

/** A text that stands for something else. */
export function textAs<T>({ allowed, parse, write, adviseOn }: Notation<T>): Rule<T> {
  return {
    allowed,
    read: (raw) => {
      if (typeof raw !== 'string') return fault('is not a text in quotes')
      const value = parse(raw)
      return value === undefined
        ? fault('is not allowed as it stands', adviseOn?.(raw))
        : { outcome: 'value', value }
    },
    write: (value) => quote(write(value)),
  }
}

/** Linux-PAM lower-cases a service name and takes it as a file name below /etc/pam.d. */
export function pamService(): Rule<string> {
  return text('a PAM service name in lower case, without a slash', (value) =>
    /^[a-z0-9_][a-z0-9_.@+-]{0,63}$/.test(value),
  )
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
export function listOf<T>(item: Rule<T>, most: number, least = 0): Rule<readonly T[]> {
  const count = least === 0 ? `at most ${most}` : `${least} to ${most}`
  return {
    allowed: `an array of ${count} texts, none twice, each ${item.allowed}`,
    read: (raw) => {
      if (!Array.isArray(raw)) return fault('is not an array')
      if (raw.length < least) return fault('is empty', 'leave it out, or name something in it')
      const values: T[] = []
      for (const element of raw) {
        const reading = item.read(element)
        if (reading.outcome === 'fault') {
          return fault('has an element that is not allowed', reading.advice)
        }
        values.push(reading.value)
      }
      const isShort =
        values.length <= most && new Set(values.map(item.write)).size === values.length
      return isShort
        ? { outcome: 'value', value: values }
        : fault('is too long or says a thing twice')
    },
    write: (values) => `[${values.map((value) => item.write(value)).join(', ')}]`,
  }
}

/** A program by its absolute path and the arguments it gets, as they are: no shell reads them. */
export function commandLine(most: number): Rule<readonly string[]> {
  const program = absolutePath()
  const isPlain = (value: unknown): value is string =>
    typeof value === 'string' && /^\P{Cc}{0,1024}$/u.test(value)
  return {
    allowed: `an array of at most ${most} texts without control characters, the first ${program.allowed}`,
    read: (raw) => {
      if (!Array.isArray(raw)) return fault('is not an array')
      if (raw.length > most) return fault('is too long')
      if (!raw.every(isPlain)) return fault('has an element that is not allowed')
      const isRunnable = raw.length === 0 || program.read(raw[0]).outcome === 'value'
      return isRunnable
        ? { outcome: 'value', value: raw }
        : fault('does not begin with an absolute path')
    },
    write: (values) => `[${values.map(quote).join(', ')}]`,
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

function fault(words: string, advice?: string): Fault {
  return { outcome: 'fault', fault: words, advice }
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
