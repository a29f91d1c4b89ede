import { formatLogRecord } from '../app/log-record.ts'
import type { LogRecord } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import type { AttemptId } from '../domain/attempt.ts'
import { type FirstFactor, parseFirstFactor } from '../domain/first-factor.ts'
import { decodeUtf8 } from '../host/utf8.ts'
import { decodeFrame, type Entry, encodeFrame } from './frame.ts'
import { SEVERITY } from './severity.ts'

/** What the static client asks; the other modes of pam.d never come here. */
export type RequestMode = 'code' | 'excused' | 'account' | 'outside-group'

/** One line of pam.d as the client understood it, and the login as PAM and sshd describe it. */
export interface DaemonRequest {
  readonly mode: RequestMode
  readonly attempt: AttemptId
  /** Absolute; `undefined`: the line names none. */
  readonly configPath: string | undefined
  /** Of `outside-group`, and of no other mode. */
  readonly group: string | undefined
  readonly user: string
  readonly service: string
  /** `auth`, `account`, ... */
  readonly type: string
  readonly tty: string | undefined
  readonly remoteHost: string | undefined
  readonly sshConnection: string | undefined
  readonly firstFactor: FirstFactor | undefined
  /**
   * At most 512 bytes, as they came from stdin; empty but for `code`. Part of the frame, which is wiped
   * as soon as the request is answered.
   */
  readonly answer: Buffer
}

/** What is answered. `ask-direct`: somebody else has to judge it; nothing was decided or written. */
export type DaemonAnswer =
  | {
      readonly verdict: 'admitted' | 'denied'
      /** A line each for the authpriv log. */
      readonly log: readonly LogRecord[]
      /** Lines for the person who logs in. */
      readonly say: readonly string[]
    }
  | { readonly verdict: 'ask-direct'; readonly log: readonly []; readonly say: readonly [] }

/** The answer that decides nothing. */
export const ASK_DIRECT = { verdict: 'ask-direct', log: [], say: [] } as const

const MODES: ReadonlyMap<number, RequestMode> = new Map([
  [1, 'code'],
  [2, 'excused'],
  [3, 'account'],
  [4, 'outside-group'],
])

const REQUEST_TAG = {
  configPath: 1,
  group: 2,
  user: 3,
  service: 4,
  type: 5,
  tty: 6,
  remoteHost: 7,
  sshConnection: 8,
  method: 9,
  keyType: 10,
  fingerprint: 11,
  answer: 12,
} as const
const LAST_REQUEST_TAG = REQUEST_TAG.answer

/** One more than pam_exec passes on, as in direct mode. */
const ANSWER_LIMIT_BYTES = 512
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

const VERDICT_BYTE = { admitted: 0x59, denied: 0x4e, 'ask-direct': 0x44 } as const
const SAY_TAG = 64
const LOG_LINE_LIMIT_BYTES = 1000
const SAY_LINE_LIMIT_BYTES = 200

/**
 * The request in a frame. Throws ERR_REFUSED for whatever is not exactly one: the client then asks the
 * direct verifier, which judges by the environment itself.
 */
export function decodeRequest(bytes: Buffer): DaemonRequest {
  const { what, attempt, entries } = decodeFrame(bytes)
  const mode = MODES.get(what)
  if (mode === undefined) throw refused('has no mode')
  const values = collectValues(entries)
  const text = (name: keyof typeof REQUEST_TAG) => decodeText(name, values.get(REQUEST_TAG[name]))
  const required = (name: keyof typeof REQUEST_TAG) => text(name) ?? missing(name)
  return {
    mode,
    attempt,
    configPath: checkPath(text('configPath')),
    group: checkGroup(mode, text('group')),
    user: required('user'),
    service: required('service'),
    type: required('type'),
    tty: text('tty'),
    remoteHost: text('remoteHost'),
    sshConnection: text('sshConnection'),
    firstFactor: toFirstFactor(text('method'), text('keyType'), text('fingerprint')),
    answer: checkAnswer(mode, values.get(REQUEST_TAG.answer)),
  }
}

/**
 * The frame that answers an attempt. Lines become printable ASCII and are cut where they are too long,
 * as the log in direct mode does it. Throws ERR_REFUSED where they do not fit into one frame.
 */
export function encodeAnswer({ verdict, log, say }: DaemonAnswer, attempt: AttemptId): Buffer {
  const entries = [
    ...log.map((record) =>
      toEntry(SEVERITY[record.priority], formatLogRecord(record), LOG_LINE_LIMIT_BYTES),
    ),
    ...say.map((line) => toEntry(SAY_TAG, line, SAY_LINE_LIMIT_BYTES)),
  ]
  if (verdict === 'ask-direct' && entries.length > 0) {
    throw new AppError('ERR_REFUSED', 'an answer that decides nothing has nothing to say')
  }
  return encodeFrame({ what: VERDICT_BYTE[verdict], attempt, entries })
}

/** Each tag at most once, in rising order: there is one way to write a request. */
function collectValues(entries: readonly Entry[]): ReadonlyMap<number, Buffer> {
  const values = new Map<number, Buffer>()
  let last = 0
  for (const { tag, bytes } of entries) {
    if (tag <= last || tag > LAST_REQUEST_TAG) throw refused('has an entry that is out of place')
    values.set(tag, bytes)
    last = tag
  }
  return values
}

/** NUL: no environment and no argument can hold it, so the client did not read it there. */
function decodeText(name: string, bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const text = decodeUtf8(bytes.toString('latin1'))
  if (text === undefined || text.includes('\0')) throw refused(`has a ${name} that is no text`)
  return text
}

/** The rule of pam/arguments.ts. */
function checkPath(path: string | undefined): string | undefined {
  if (path === undefined || path.startsWith('/')) return path
  throw refused('names a configuration by no absolute path')
}

/** The rule of pam/arguments.ts. */
function checkGroup(mode: RequestMode, group: string | undefined): string | undefined {
  if ((mode === 'outside-group') !== (group !== undefined)) {
    throw refused('names a group where none belongs, or none where one does')
  }
  if (group === '' || group?.startsWith('-')) throw refused('has a group without a name')
  return group
}

/** Only what could have come out of `parseFirstFactor` on the client's side. */
function toFirstFactor(
  method: string | undefined,
  keyType: string | undefined,
  fingerprint: string | undefined,
): FirstFactor | undefined {
  if (method === undefined) {
    if (keyType === undefined && fingerprint === undefined) return undefined
    throw refused('has a key without a method')
  }
  if (parseFirstFactor(method)?.method !== method) throw refused('has a method that proves nothing')
  if (keyType !== undefined && /[ \n]/.test(keyType)) throw refused('has no proper type of a key')
  if (fingerprint !== undefined && !FINGERPRINT.test(fingerprint)) {
    throw refused('has no proper fingerprint')
  }
  return { method, fingerprint, keyType }
}

function checkAnswer(mode: RequestMode, answer: Buffer | undefined): Buffer {
  if ((mode === 'code') !== (answer !== undefined)) {
    throw refused('has an answer where none belongs, or none where one does')
  }
  if (answer === undefined) return Buffer.alloc(0)
  if (answer.length > ANSWER_LIMIT_BYTES) throw refused('has an answer that is too long')
  return answer
}

function toEntry(tag: number, line: string, limit: number): Entry {
  const shown = line.replace(/[^\x20-\x7e]/g, '?').slice(0, limit)
  return { tag, bytes: Buffer.from(shown, 'latin1') }
}

function missing(name: string): never {
  throw refused(`has no ${name}`)
}

function refused(what: string): AppError {
  return new AppError('ERR_REFUSED', `a request is refused that ${what}`)
}
