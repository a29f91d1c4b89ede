import type { SshdLine } from '../host/sshd-config-file.ts'

/** Old names that mean the same (sshd_config(5)). */
const ALIASES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
}
/** What sshd prints for the older word. */
const SAME_VALUES: Readonly<Record<string, string>> = { 'prohibit-password': 'without-password' }

/** A setting as sshd goes by it, and where that comes from. */
export interface SshdOrigin {
  /** `FILE line N`, or that no line says so. */
  readonly place: string
  /** Where an editor is to open, `+LINE FILE`; `undefined`: no line says so. */
  readonly spot: string | undefined
  /** A line that says what is wanted, and comes too late. */
  readonly overruled: string | undefined
}

/**
 * Where `value` of `keyword` comes from: the first line for everybody, and where that says another, the
 * first block that says so. `isWanted`: what the setting should be.
 */
export function findOrigin(
  lines: readonly SshdLine[],
  keyword: string,
  value: string,
  isWanted: (value: string) => boolean,
): SshdOrigin {
  const about = linesAbout(lines, keyword)
  const says = (line: SshdLine) => normalize(line.value) === normalize(value)
  const first = about.find(({ match }) => match === undefined)
  const source =
    first !== undefined && says(first)
      ? first
      : about.find((line) => line.match !== undefined && says(line))
  const loser = about.find((line) => line !== source && isWanted(line.value.toLowerCase()))
  return {
    place: source === undefined ? 'no line says otherwise' : placeOf(source),
    spot: source && `+${source.line} ${source.file}`,
    overruled: loser && placeOf(loser),
  }
}

/** The keyword of a line in lower case, and by its name of today. */
export function keywordOf({ keyword }: SshdLine): string {
  return ALIASES[keyword] ?? keyword
}

/** What is written for everybody, in lower case: the first line counts. For where sshd says nothing. */
export function findWritten(lines: readonly SshdLine[], keyword: string): string | undefined {
  const first = linesAbout(lines, keyword).find(({ match }) => match === undefined)
  return first?.value.toLowerCase()
}

function linesAbout(lines: readonly SshdLine[], keyword: string): readonly SshdLine[] {
  return lines.filter((line) => keywordOf(line) === keyword)
}

function placeOf({ file, line, match }: SshdLine): string {
  return `${file} line ${line}${match === undefined ? '' : ` (Match ${match})`}`
}

function normalize(value: string): string {
  const words = value.toLowerCase().split(/\s+/).join(' ')
  return SAME_VALUES[words] ?? words
}
