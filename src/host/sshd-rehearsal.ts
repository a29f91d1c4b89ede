import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, matchesGlob, resolve } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { askSshd, type SshdAnswer, type SshdLogin } from './sshd-answer.ts'

/** Relative names of `Include` start here (sshd_config(5)). */
const INCLUDE_BASE = '/etc/ssh'
/** root's alone, and empty after a reboot. */
const TEMPORARY_DIRECTORY = '/run'
const PREFIX = 'otpgate-setup-'
/** One that still runs takes seconds. */
const ABANDONED_MILLISECONDS = 600_000
const INCLUDE = /^\s*include[\s=]+(.*?)\s*$/i
const MATCH = /^\s*match\b/i

/** Drop-ins that an sshd_config would have besides its own. */
export interface Rehearsal {
  readonly program: string
  readonly config: string
  readonly dropInDirectory: string
  /** By name. */
  readonly dropIns: ReadonlyMap<string, string>
}

/**
 * Whether sshd_config includes a drop-in of this path, for everybody and before anything else is
 * decided by a `Match` block.
 */
export function includesDropIn(config: string, dropIn: string): boolean {
  const lines = readText(config).split('\n')
  const firstMatch = lines.findIndex((line) => MATCH.test(line))
  const global = firstMatch < 0 ? lines : lines.slice(0, firstMatch)
  return global.flatMap(patternsOf).some((pattern) => matchesGlob(dropIn, pattern))
}

/**
 * What sshd would say of a login with these drop-ins in place, found out on a copy of its configuration
 * that is gone again when this returns. Throws ERR_OUTPUT_FAILED.
 */
export function rehearseSshd(rehearsal: Rehearsal, login: SshdLogin): SshdAnswer {
  sweepRehearsals()
  const directory = mkdtempSync(join(TEMPORARY_DIRECTORY, PREFIX))
  try {
    const config = layCopy(rehearsal, directory)
    const answer = askSshd({ program: rehearsal.program, config }, login)
    return answer.kind === 'refused' ? withRealNames(answer, rehearsal, directory) : answer
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const what = `cannot try out the configuration of sshd (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { cause })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Removes what rehearsals have left whose process was killed. */
function sweepRehearsals(): void {
  const before = Date.now() - ABANDONED_MILLISECONDS
  for (const name of readdirSync(TEMPORARY_DIRECTORY)) {
    if (!/^otpgate-setup-[A-Za-z0-9]{6}$/.test(name)) continue
    const path = join(TEMPORARY_DIRECTORY, name)
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? before
    if (changedAt < before) rmSync(path, { recursive: true, force: true })
  }
}

function layCopy({ config, dropInDirectory, dropIns }: Rehearsal, directory: string): string {
  const copies = join(directory, basename(dropInDirectory))
  cpSync(dropInDirectory, copies, { recursive: true })
  mkdirSync(copies, { recursive: true })
  for (const [name, text] of dropIns) writeFileSync(join(copies, name), text)
  const lines = readText(config)
    .split('\n')
    .map((line) => redirect(line, dropInDirectory, copies))
  const copy = join(directory, basename(config))
  writeFileSync(copy, lines.join('\n'))
  return copy
}

/** Patterns for other directories stay as they are. */
function redirect(line: string, from: string, to: string): string {
  const patterns = patternsOf(line)
  if (patterns.length === 0) return line
  const redirected = patterns.map((pattern) =>
    dirname(pattern) === from ? join(to, basename(pattern)) : pattern,
  )
  return `Include ${redirected.map((pattern) => `"${pattern}"`).join(' ')}`
}

function patternsOf(line: string): readonly string[] {
  const [, value] = INCLUDE.exec(line) ?? []
  const words = value?.match(/"[^"]*"|\S+/g) ?? []
  return words.map((word) => resolve(INCLUDE_BASE, word.replaceAll('"', '')))
}

function withRealNames(
  { kind, complaint }: Extract<SshdAnswer, { kind: 'refused' }>,
  { config, dropInDirectory }: Rehearsal,
  directory: string,
): SshdAnswer {
  const copies = join(directory, basename(dropInDirectory))
  const real = complaint
    .replaceAll(copies, dropInDirectory)
    .replaceAll(join(directory, basename(config)), config)
  return { kind, complaint: real }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const what = `cannot read ${toPrintable(path)} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_REFUSED', what, { cause })
  }
}
