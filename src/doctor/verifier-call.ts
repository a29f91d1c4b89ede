import { basename } from 'node:path'
import { parsePamExec } from './pam-exec.ts'
import type { PamLine } from './pam-line.ts'

/** What a line asks the verifier; `none`: it cannot make anything of the line, and refuses. */
export type CallMode =
  | 'code'
  | 'excused'
  | 'account'
  | 'password-and-code'
  | 'first-factor-missing'
  | 'outside-group'
  | 'none'

/** A line that runs the verifier. */
export interface VerifierCall {
  readonly path: string
  readonly mode: CallMode
  /** What `--config` names. */
  readonly configPath: string | undefined
  /** What `--outside-group` names. */
  readonly group: string | undefined
  /** Words of pam_exec, before the path. */
  readonly options: readonly string[]
  /** A `type=` because of which pam_exec does not run it. */
  readonly otherType: string | undefined
}

const VERIFIERS: readonly string[] = ['otpgate-verify', 'otpgate-verify-direct']
const MODES: ReadonlyMap<string, CallMode> = new Map<string, CallMode>([
  ['--excused', 'excused'],
  ['--account', 'account'],
  ['--password-and-code', 'password-and-code'],
  ['--first-factor-missing', 'first-factor-missing'],
  ['--outside-group', 'outside-group'],
])

/** How the line names the verifier; `undefined`: it does not. */
export function findNamedCall(line: PamLine): VerifierCall | undefined {
  const call = parsePamExec(line)
  if (call === undefined || !VERIFIERS.includes(basename(call.program))) return undefined
  const { program: path, options, otherType } = call
  return { path, options, otherType, ...parseVerifierWords(call.args) }
}

/** How the line runs the verifier; `undefined`: it does not. */
export function findVerifierCall(line: PamLine): VerifierCall | undefined {
  const call = findNamedCall(line)
  return call?.otherType === undefined ? call : undefined
}

/** Without a word of its own the verifier judges the code; `--password-and-code` does so as well. */
export function asksForCode({ mode }: VerifierCall): boolean {
  return mode === 'code' || mode === 'password-and-code'
}

type VerifierWords = Pick<VerifierCall, 'mode' | 'configPath' | 'group'>

const NOT_UNDERSTOOD: VerifierWords = { mode: 'none', configPath: undefined, group: undefined }

/** As the verifier reads them: what it does not understand, it refuses whole. */
export function parseVerifierWords(args: readonly string[]): VerifierWords {
  let read: VerifierWords = { ...NOT_UNDERSTOOD, mode: 'code' }
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const mode = MODES.get(word)
    if (mode !== undefined && read.mode === 'code') {
      const group = mode === 'outside-group' ? rest.shift() : undefined
      if (mode === 'outside-group' && !/^[^-]/s.test(group ?? '')) return NOT_UNDERSTOOD
      read = { ...read, mode, group }
    } else {
      const value = rest.shift()
      if (!isOption(word, value)) return NOT_UNDERSTOOD
      if (word === '--config') read = { ...read, configPath: value }
    }
  }
  return read
}

function isOption(word: string, value = ''): boolean {
  switch (word) {
    case '--config':
    case '--socket':
      return value.startsWith('/')
    case '--attempt':
      return /^[\da-f]{32}$/.test(value)
    case '--time-left':
      return /^\d{1,6}$/.test(value)
    default:
      return false
  }
}
