import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { toUnixSeconds, type UnixSeconds } from '../../base/time.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import {
  type ChangedFile,
  FILE_ROLES,
  type FileState,
  JOURNAL_FORMAT,
  PHASES,
  type ProofStart,
  RECIPES,
  REVERT_REASONS,
  type RevertDeadline,
  type SetupJournal,
} from './journal.ts'

const SHA256 = /^[0-9a-f]{64}$/
/** A name in the state directory, and nothing outside of it. */
const COPY_NAME = /^[a-z0-9-]+\.original$/

type Fields = Readonly<Record<string, unknown>>

/** What `writeJournal` has written. Throws ERR_SETUP_STATE for anything else; `path` is for the message. */
export function parseJournal(text: string, path: string): SetupJournal {
  try {
    return toJournal(toFields(JSON.parse(text)))
  } catch (cause) {
    const what = `the record of set-up ${toPrintable(path)} cannot be understood`
    throw new AppError('ERR_SETUP_STATE', what, {
      hint: 'the originals lie beside it, as NAME.original: put them back by hand, then remove it',
      cause,
    })
  }
}

function toJournal(fields: Fields): SetupJournal {
  if (fields.format !== JOURNAL_FORMAT) throw new TypeError('another format')
  return {
    format: JOURNAL_FORMAT,
    phase: toOneOf(fields.phase, PHASES),
    recipe: toOneOf(fields.recipe, RECIPES),
    group: optional(fields.group, toText),
    account: toText(fields.account),
    configPath: toText(fields.configPath),
    beganAt: toTime(fields.beganAt),
    timeoutSeconds: toCount(fields.timeoutSeconds),
    installer: toInstaller(toFields(fields.installer)),
    sshdUnit: optional(fields.sshdUnit, toText),
    files: toList(fields.files).map((each) => toFile(toFields(each))),
    reloadedAt: optional(fields.reloadedAt, toTime),
    deadline: optional(fields.deadline, toDeadline),
    proof: optional(fields.proof, toProof),
    because: optional(fields.because, (value) => toOneOf(value, REVERT_REASONS)),
    endedAt: optional(fields.endedAt, toTime),
  }
}

function toInstaller(fields: Fields): SetupJournal['installer'] {
  return { ...toMark(fields), bootId: toText(fields.bootId) }
}

function toMark(fields: Fields): ProcessMark {
  return { pid: toCount(fields.pid), startTicks: toCount(fields.startTicks) }
}

function toFile(fields: Fields): ChangedFile {
  return {
    role: toOneOf(fields.role, FILE_ROLES),
    path: toMatch(fields.path, /^\//),
    original: optional(fields.original, toState),
    copy: optional(fields.copy, (value) => toMatch(value, COPY_NAME)),
    installed: toState(fields.installed),
  }
}

function toState(value: unknown): FileState {
  const { sha256, mode, uid, gid } = toFields(value)
  return {
    sha256: toMatch(sha256, SHA256),
    mode: toCount(mode),
    uid: toCount(uid),
    gid: toCount(gid),
  }
}

function toDeadline(value: unknown): RevertDeadline {
  const { at, bootId, bootSeconds } = toFields(value)
  return { at: toTime(at), bootId: toText(bootId), bootSeconds: toCount(bootSeconds) }
}

function toProof(value: unknown): ProofStart {
  const { afterSeq, openConnections } = toFields(value)
  return {
    afterSeq: toCount(afterSeq),
    openConnections: toList(openConnections).map((each) => toMark(toFields(each))),
  }
}

/** JSON leaves out what is undefined. */
function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : parse(value)
}

function toFields(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new TypeError('not an object')
}

function toList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new TypeError('not a list')
}

function toText(value: unknown): string {
  return toMatch(value, /^[^\0]+$/)
}

function toMatch(value: unknown, pattern: RegExp): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw new TypeError('not such a text')
}

function toCount(value: unknown): number {
  if (Number.isSafeInteger(value) && typeof value === 'number' && value >= 0) return value
  throw new TypeError('not such a number')
}

function toTime(value: unknown): UnixSeconds {
  return toUnixSeconds(toCount(value))
}

function toOneOf<T extends string>(value: unknown, words: readonly T[]): T {
  const word = words.find((each) => each === value)
  if (word === undefined) throw new TypeError('not such a word')
  return word
}
