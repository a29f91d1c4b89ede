import type { PasswdEntry } from '../app/ports.ts'
import type { AccountName, Uid } from '../domain/name.ts'
import { decodeUtf8 } from './utf8.ts'

/** (uid_t) -1 means "no id" to the kernel. */
const LARGEST_ID = 4294967294

/** A passwd entry with its primary group. */
export interface PasswdLine extends PasswdEntry {
  readonly gid: number
}

/** A group entry; `members` has no primary members. */
export interface GroupLine {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** How the lines of one database look, as binary strings. */
export interface LineKind<Entry> {
  readonly database: 'passwd' | 'group'
  /** The form in which a line of the local file says the same to everybody. */
  readonly plain: RegExp
  /** Takes what getent(1) prints, too, where names may hold blanks. */
  readonly parse: (line: string) => Entry | undefined
}

const PLAIN_NAME = '[^\\0- :,#+-][^\\0- :,]*'
const PLAIN_ID = '(?:0|[1-9][0-9]{0,9})'
const ANY_TEXT = '[^\\0:]*'

/** Lines of passwd(5). */
export const PASSWD_LINE: LineKind<PasswdLine> = {
  database: 'passwd',
  plain: new RegExp(`^${PLAIN_NAME}:${ANY_TEXT}:${PLAIN_ID}:${PLAIN_ID}(?::${ANY_TEXT}){3}$`),
  parse: parsePasswdLine,
}

/** Lines of group(5). */
export const GROUP_LINE: LineKind<GroupLine> = {
  database: 'group',
  plain: new RegExp(
    `^${PLAIN_NAME}:${ANY_TEXT}:${PLAIN_ID}:(?:${PLAIN_NAME}(?:,${PLAIN_NAME})*)?$`,
  ),
  parse: parseGroupLine,
}

/**
 * One line of passwd(5), as a binary string, or `undefined` where it is not one. Only the fields
 * used are decoded: old comment fields in latin1 must not make a whole host unreadable.
 */
function parsePasswdLine(line: string): PasswdLine | undefined {
  const fields = line.split(':')
  const name = decodeUtf8(fields[0] ?? '')
  const uid = parseId(fields[2])
  const gid = parseId(fields[3])
  if (fields.length !== 7 || name === undefined || name === '') return undefined
  if (uid === undefined || gid === undefined) return undefined
  return { name: name as AccountName, uid: uid as Uid, gid }
}

/** One line of group(5), as a binary string, or `undefined` where it is not one. */
function parseGroupLine(line: string): GroupLine | undefined {
  const fields = line.split(':')
  const name = decodeUtf8(fields[0] ?? '')
  const gid = parseId(fields[2])
  const members = decodeUtf8(fields[3] ?? '')
  if (fields.length !== 4 || name === undefined || name === '') return undefined
  if (gid === undefined || members === undefined) return undefined
  return { name, gid, members: members.split(',').filter((member) => member !== '') }
}

function parseId(field: string | undefined): number | undefined {
  if (field === undefined || !/^\d{1,10}$/.test(field)) return undefined
  const id = Number(field)
  return id <= LARGEST_ID ? id : undefined
}
