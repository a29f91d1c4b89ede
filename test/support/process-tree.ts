import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

const END_WAIT_MS = 5000
const POLL_MS = 5
const TREE_PASSES = 20

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly state: string
  readonly startedAt: string
}

/** A process that cannot be mistaken for a later one of the same id: its start is in clock ticks. */
export interface ProcessId {
  readonly pid: number
  readonly startedAt: string
}

/** The process of this id, if it runs; a zombie does not. */
export function findProcess(pid: number): ProcessId | undefined {
  const stat = readStat(pid)
  return stat === undefined || stat.state === 'Z' ? undefined : { pid, startedAt: stat.startedAt }
}

/** Whether a process of this id runs. */
export function isRunning(pid: number): boolean {
  return findProcess(pid) !== undefined
}

/**
 * Ends a process and everything below it, and waits until they are gone. sshd gives every connection
 * a session of its own, so a process group does not reach them; the tree does.
 */
export function endProcessTree(root: ProcessId): void {
  if (findProcess(root.pid)?.startedAt !== root.startedAt) return
  // A stopped listener forks no more: what is found below it is all there is.
  signalProcess(root.pid, 'SIGSTOP')
  for (let pass = 0; pass < TREE_PASSES; pass++) {
    const below = findDescendants(root.pid)
    if (below.length === 0) break
    endAll(below)
  }
  endAll([root.pid])
}

/** Ends every process of a user. Only for users that were created for the run. */
export function endProcessesOfUser(uid: number): void {
  endAll(listPids().filter((pid) => isRunning(pid) && ownerOf(pid) === uid))
}

/** The mount namespace of a process (namespaces(7)); empty where it cannot be told. */
export function mountNamespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return ''
  }
}

/** Ends every process in a mount namespace. Only for those that were made for the run. */
export function endProcessesWithin(mountNamespace: string): void {
  if (mountNamespace === '' || mountNamespace === mountNamespaceOf(process.pid)) return
  endAll(listPids().filter((pid) => mountNamespaceOf(pid) === mountNamespace))
}

/** Every process but this one whose command line or environment names `path`. */
export function findProcessesNaming(path: string): readonly number[] {
  return listPids().filter((pid) => pid !== process.pid && isNaming(pid, path))
}

/**
 * Ends every process whose command line or environment names `path`, with all below it, but for this
 * one. pam_exec gives what it starts a session of its own, so who asked it does not take it along.
 * Only for paths that were made for the run.
 */
export function endProcessesNaming(path: string): void {
  for (const pid of findProcessesNaming(path)) {
    const found = findProcess(pid)
    if (found !== undefined) endProcessTree(found)
  }
}

function isNaming(pid: number, path: string): boolean {
  return ['cmdline', 'environ'].some((file) => readText(pid, file).includes(path))
}

function readText(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

function endAll(pids: readonly number[]): void {
  for (const pid of pids) signalProcess(pid, 'SIGKILL')
  const patienceEnds = Date.now() + END_WAIT_MS
  while (pids.some(isRunning)) {
    if (Date.now() > patienceEnds) throw new Error(`still running: ${pids.filter(isRunning)}`)
    pause(POLL_MS)
  }
}

function findDescendants(root: number): number[] {
  const stats = listPids().flatMap((pid) => readStat(pid) ?? [])
  const found = new Set([root])
  let known = 0
  while (known !== found.size) {
    known = found.size
    for (const stat of stats) {
      if (found.has(stat.parent) && stat.state !== 'Z') found.add(stat.pid)
    }
  }
  found.delete(root)
  return [...found]
}

function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** proc(5): the command's name stands in brackets and may hold any character, brackets included. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state = '', parent = ''] = fields
    return { pid, parent: Number(parent), state, startedAt: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself in the meantime: just what is wanted.
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
