import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findProcess, type ProcessMark } from './process-mark.ts'

/** sshd, and from 9.8 on the programs it has for each connection; replaced by an upgrade, perhaps. */
const PROGRAM = /\/sshd(-session|-auth)?(?: \(deleted\))?$/
/** What talks to the network until somebody has logged in: a program of its own from 9.9 on. */
const NETWORK_PROGRAM = '-auth'
/** What they write in the place of their command line: `sshd: alice [priv]`. */
const TITLE = /^[^\s/]+: (.*)$/s
const LISTENS = '[listener]'
/** As root, before somebody has logged in and after. */
const MONITORS: readonly string[] = ['[priv]', '[accepted]']
/** Of monitors that no user's name has come to yet, or none that exists: PAM was asked nothing. */
const NAMELESS: readonly string[] = ['[accepted]', 'unknown [priv]']
/** Whom the first question was about; the client may not name another one after that. */
const NAMED = /^(.+) \[priv\]$/s
/** As nobody, until somebody has logged in; then it ends, before sessions are opened. */
const NETWORK_MARK = '[net]'

/** Which of sshd's connections are looked at. */
export interface ConnectionPlaces {
  readonly procDirectory: string
  /** Only of this sshd; without it, of every one on the host. */
  readonly listener?: number
}

/** A connection on which nobody has logged in yet, by the process that watches over it. */
export interface OpenConnection extends ProcessMark {
  /**
   * `nobody-named`: no login was begun on it. `logging-in`: one was, and it has neither ended nor come
   * to a session. `unclear`: it may have just been accepted, or just have got in.
   */
  readonly stage: 'nobody-named' | 'logging-in' | 'unclear'
  /** Who is to log in, as the client says; `undefined`: that is not known. */
  readonly user: string | undefined
}

interface SshdProcess {
  readonly pid: number
  readonly isForNetwork: boolean
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
export function listOpenConnections(places: ConnectionPlaces): readonly OpenConnection[] {
  const all = listSshd(places.procDirectory)
  return all
    .filter((each) => places.listener === undefined || each.parent === places.listener)
    .filter((each) => each.isOfRoot && isOpen(each, all))
    .flatMap((each) => {
      const mark = findProcess(each.pid, places.procDirectory)
      return mark === undefined ? [] : { ...mark, stage: findStage(each, all), user: userOf(each) }
    })
}

function findStage({ pid, title }: SshdProcess, all: readonly SshdProcess[]) {
  if (title !== undefined && NAMELESS.includes(title)) return 'nobody-named'
  const isAsked = all.some((each) => each.parent === pid && each.isForNetwork)
  return isAsked ? 'logging-in' : 'unclear'
}

function userOf({ title = '' }: SshdProcess): string | undefined {
  return NAMELESS.includes(title) ? undefined : NAMED.exec(title)?.[1]
}

/** Also one that was accepted a moment ago, and has not come to its title. */
function isOpen(one: SshdProcess, all: readonly SshdProcess[]): boolean {
  const { pid, parent, title, words, isForNetwork } = one
  if (isForNetwork) return false
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
    const program = findSshdProgram(directory)
    if (program === undefined) return []
    const parent = findParent(join(directory, 'stat'))
    if (parent === undefined) return []
    const words = readWords(join(directory, 'cmdline'))
    const [, title] = TITLE.exec(words[0] ?? '') ?? []
    const isForNetwork = program === NETWORK_PROGRAM || title?.endsWith(NETWORK_MARK) === true
    return [
      { pid: Number(name), isForNetwork, parent, words, title, isOfRoot: isOfRoot(directory) },
    ]
  })
}

/** By the program, as anybody may call a process anything; what its name has behind `sshd`. */
function findSshdProgram(path: string): string | undefined {
  try {
    const found = PROGRAM.exec(readlinkSync(join(path, 'exe')))
    return found === null ? undefined : (found[1] ?? '')
  } catch {
    return undefined
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
