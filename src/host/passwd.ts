import type { Membership, Passwd, PasswdEntry } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { type GetentAnswer, type GetentRequest, runGetent } from './getent.ts'
import { type ReadEntries, readLocalEntries } from './local-file.ts'
import { findMemberGids } from './member-gid.ts'
import { hasRemoteMembers, isFileAuthoritative, type NssDatabase } from './nsswitch.ts'
import {
  GROUP_LINE,
  type GroupLine,
  type LineKind,
  PASSWD_LINE,
  type PasswdLine,
} from './passwd-line.ts'

const LONGEST_NAME_BYTES = 256
const LOOK_UP_MILLISECONDS = 3000
/** Every entry of a large directory, for the primary members of a group. */
const ENUMERATION_MILLISECONDS = 30_000

/** What getent takes for a number, and looks up as an id: strtoul(3) skips blanks and takes signs. */
const LOOKS_LIKE_ID = /^\s*[+-]?\d+$/

/** Where the databases are found. */
export interface PasswdPlaces {
  readonly passwdFile: string
  readonly groupFile: string
  readonly nsswitchFile: string
  readonly getent: string
  /** For one name, in milliseconds. */
  readonly timeLimitMilliseconds: number
}

/** How files and other sources are asked. */
export interface PasswdAccess {
  readonly askGetent: (request: GetentRequest) => GetentAnswer
  readonly readPasswd: ReadEntries<PasswdLine>
  readonly readGroup: ReadEntries<GroupLine>
}

type Source = PasswdPlaces & PasswdAccess

/** One database: what a line of it looks like, and its local file. */
interface Table<Entry> {
  readonly kind: LineKind<Entry>
  readonly read: ReadEntries<Entry>
}

/** The passwd database, with what only the host itself asks. */
export interface HostPasswd extends Passwd {
  /** `undefined`: nobody has this uid. Throws ERR_PASSWD_FAILED. */
  findByUid(uid: number): PasswdEntry | undefined
  /**
   * Whether the group is in the local file, and some of its members may be elsewhere: while that is
   * away, they are none, and nobody can tell.
   */
  mayMissMembers(group: string): boolean
}

/** Of every host. */
export const PLACES: PasswdPlaces = {
  passwdFile: '/etc/passwd',
  groupFile: '/etc/group',
  nsswitchFile: '/etc/nsswitch.conf',
  getent: '/usr/bin/getent',
  timeLimitMilliseconds: LOOK_UP_MILLISECONDS,
}

/**
 * The host's passwd database. A local name is read from /etc/passwd directly where nsswitch.conf
 * makes that the answer anyway; everybody else is asked for through getent(1), which costs a fork.
 * Primary members of a group are known as far as the sources enumerate people; whether somebody is in
 * a group does not depend on that.
 */
export function createPasswd(
  places: Partial<PasswdPlaces> = {},
  access: PasswdAccess = accessAt(places),
): HostPasswd {
  const from: Source = { ...PLACES, ...places, ...access }
  return {
    findByName(name, manner) {
      const entry = findEntry(from, passwdTable(from), name, manner === 'evenly')
      return withoutGid(entry)
    },
    findByUid(uid) {
      const lines = from.askGetent(requestFor(from, 'passwd', String(uid)))
      const entry = lines && onlyEntry(lines, PASSWD_LINE)
      return entry?.uid === uid ? withoutGid(entry) : undefined
    },
    findGroupMembers: (group) => findMembers(from, group),
    findGroups: ({ name }, among) => findMembership(from, name, among),
    mayMissMembers: (group) =>
      hasRemoteMembers(from.nsswitchFile) &&
      (from.readGroup()?.some(({ name }) => name === group) ?? true),
  }
}

function findMembership(from: Source, name: string, among: readonly string[]): Membership {
  const gids = new Map(among.map((group) => [group, findEntry(from, groupTable(from), group)?.gid]))
  const missing = among.filter((group) => gids.get(group) === undefined)
  const theirs = missing.length < among.length ? findGids(from, name) : []
  const joined = among.filter((group) => theirs.some((gid) => gid === gids.get(group)))
  return { joined, missing }
}

/** The primary group and the supplementary ones: those that a session of this person has. */
function findGids(from: Source, name: string): readonly number[] {
  const entry = findEntry(from, passwdTable(from), name)
  if (entry === undefined) {
    throw new AppError('ERR_PASSWD_FAILED', 'the passwd database has lost somebody meanwhile')
  }
  return [entry.gid, ...findMemberGids(from, name)]
}

function findMembers(from: Source, group: string): readonly string[] | undefined {
  const entry = findEntry(from, groupTable(from), group)
  return entry && [...new Set([...entry.members, ...primaryMembers(from, entry.gid)])]
}

function findEntry<Entry extends { readonly name: string }>(
  from: Source,
  { kind, read }: Table<Entry>,
  name: string,
  evenly = false,
): Entry | undefined {
  if (!isPossibleName(name)) return undefined
  const { database } = kind
  if (isFileAuthoritative(from.nsswitchFile, database)) {
    const local = read()?.find((entry) => entry.name === name)
    if (local !== undefined && evenly) spendLookUp(from, requestFor(from, database, name))
    if (local !== undefined) return local
  }
  const lines = from.askGetent(requestFor(from, database, name))
  const found = lines && onlyEntry(lines, kind)
  return LOOKS_LIKE_ID.test(name) && found?.name !== name ? undefined : found
}

function passwdTable({ readPasswd: read }: Source): Table<PasswdLine> {
  return { kind: PASSWD_LINE, read }
}

function groupTable({ readGroup: read }: Source): Table<GroupLine> {
  return { kind: GROUP_LINE, read }
}

/** Files are read, and others asked, each time anew. */
function accessAt(places: Partial<PasswdPlaces>): PasswdAccess {
  const { passwdFile, groupFile } = { ...PLACES, ...places }
  return {
    askGetent: runGetent,
    readPasswd: () => readLocalEntries(passwdFile, PASSWD_LINE),
    readGroup: () => readLocalEntries(groupFile, GROUP_LINE),
  }
}

/** What a name costs that is not local. A local user gets in whatever the other sources say. */
function spendLookUp({ askGetent }: Source, request: GetentRequest): void {
  try {
    askGetent(request)
  } catch (error) {
    // The answer is known already.
    if (!(error instanceof AppError)) throw error
  }
}

/** Names reach us as typed at the login prompt; what no entry can hold is not asked for. */
function isPossibleName(name: string): boolean {
  if (name === '' || name.length > LONGEST_NAME_BYTES || /[\0\n:]/.test(name)) return false
  return Buffer.byteLength(name) <= LONGEST_NAME_BYTES && name.isWellFormed()
}

function onlyEntry<Entry>(lines: readonly string[], kind: LineKind<Entry>): Entry {
  const entry = kind.parse(lines[0] ?? '')
  if (lines.length === 1 && entry !== undefined) return entry
  throw new AppError(
    'ERR_PASSWD_FAILED',
    `the ${kind.database} database gave no entry that can be read`,
  )
}

function primaryMembers(from: Source, gid: number): readonly string[] {
  const request = { ...requestFor(from, 'passwd'), timeLimitMilliseconds: ENUMERATION_MILLISECONDS }
  return (from.askGetent(request) ?? [])
    .map(PASSWD_LINE.parse)
    .flatMap((entry) => (entry?.gid === gid ? [entry.name] : []))
}

function requestFor(from: Source, database: NssDatabase, key?: string): GetentRequest {
  const request = {
    program: from.getent,
    timeLimitMilliseconds: from.timeLimitMilliseconds,
    database,
  }
  return key === undefined ? request : { ...request, key }
}

function withoutGid(entry: PasswdEntry | undefined): PasswdEntry | undefined {
  if (entry === undefined) return undefined
  return { name: entry.name, uid: entry.uid }
}
