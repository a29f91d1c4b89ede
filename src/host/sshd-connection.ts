import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findProcess, type ProcessMark } from './process-mark.ts'

/** sshd, and from 9.8 on the program it has for each connection; replaced by an upgrade, perhaps. */
const PROGRAM = /\/sshd(?:-session)?(?: \(deleted\))?$/
/** What they write in the place of their command line: `sshd: alice [priv]`. */
const TITLE = /^[^\s/]+: (.*)$/s
const LISTENS = '[listener]'
/** As root, before somebody has logged in and after. */
const MONITORS: readonly string[] = ['[priv]', '[accepted]']

/** Which of sshd's connections are looked at. */
export interface ConnectionPlaces {
  readonly procDirectory: string
  /** Only of this sshd; without it, of every one on the host. */
  readonly listener?: number
}

interface SshdProcess {
  readonly pid: number
  readonly parent: number
  readonly words: readonly string[]
  /** Behind `sshd: `; `undefined`: it has no title yet. */
  readonly title: string | undefined
  readonly isOfRoot: boolean
}

/**
 * sshd's own processes, root's, of connections on which nobody has logged in yet. sshd reads its
 * configuration when it accepts a connection, so that one which is open goes by what was there then.
 */
export function listOpenConnections(places: ConnectionPlaces): readonly ProcessMark[] {
  const all = listSshd(places.procDirectory)
  return all
    .filter((each) => places.listener === undefined || each.parent === places.listener)
    .filter((each) => each.isOfRoot && isOpen(each, all))
    .flatMap(({ pid }) => findProcess(pid, places.procDirectory) ?? [])
}

/** Also one that was accepted a moment ago, and has not come to its title. */
function isOpen(one: SshdProcess, all: readonly SshdProcess[]): boolean {
  const { pid, parent, title, words } = one
  if (title === undefined) return words.includes('-R')
  if (title.includes(LISTENS)) return isListener(all.find((each) => each.pid === parent))
  const isMonitor = MONITORS.some((mark) => title.endsWith(mark))
  return isMonitor && !all.some((each) => each.parent === pid && isSession(each))
}

function isListener(one: SshdProcess | undefined): boolean {
  return one?.title?.includes(LISTENS) === true
}

/** `alice@pts/0`: what serves somebody who has logged in. */
function isSession({ title }: SshdProcess): boolean {
  return title !== undefined && !title.endsWith(']')
}

function listSshd(procDirectory: string): readonly SshdProcess[] {
  const pids = readdirSync(procDirectory).filter((name) => /^\d+$/.test(name))
  return pids.flatMap((name): readonly SshdProcess[] => {
    const directory = join(procDirectory, name)
    if (!isSshd(directory)) return []
    const parent = findParent(join(directory, 'stat'))
    if (parent === undefined) return []
    const words = readWords(join(directory, 'cmdline'))
    const [, title] = TITLE.exec(words[0] ?? '') ?? []
    return [{ pid: Number(name), parent, words, title, isOfRoot: isOfRoot(directory) }]
  })
}

/** By the program, as anybody may call a process anything. */
function isSshd(directory: string): boolean {
  try {
    return PROGRAM.test(readlinkSync(join(directory, 'exe')))
  } catch {
    return false
  }
}

function readWords(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\0')
      .filter((word) => word !== '')
  } catch {
    return []
  }
}

/** proc_pid_stat(5): the name stands in parentheses, and may hold any character. */
function findParent(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'latin1')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function isOfRoot(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === 0
}
