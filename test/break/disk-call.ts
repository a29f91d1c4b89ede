/** Where words leave a process: to people, or from the verifier to its launcher, for the log. */
export type Outlet = 'stdout' | 'stderr' | 'log'

const OUTLETS: Readonly<Record<string, Outlet>> = { '1': 'stdout', '2': 'stderr', '4': 'log' }

/** What one system call did to a disk, or told the outside. Files by their paths. */
export type DiskEffect =
  | { readonly kind: 'create'; readonly file: string }
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'link' | 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly file: string }
  | { readonly kind: 'make-directory'; readonly file: string }
  /** Something left the process. Which of it is an answer, the command says. */
  | { readonly kind: 'words'; readonly to: Outlet }
  | { readonly kind: 'end' }

/** A call as strace(1) can be told to strike at: the `nth` of its name in its thread. */
export interface DiskCall {
  readonly name: string
  readonly nth: number
  readonly effect: DiskEffect
}

/** All that this reads; those with ? do not exist on every architecture. */
export const DISK_CALLS =
  '?open,openat,?creat,pwrite64,pwritev,write,writev,fsync,fdatasync,sync_file_range,ftruncate,' +
  '?truncate,?link,linkat,?unlink,unlinkat,?rename,?renameat,renameat2,?mkdir,mkdirat,exit_group'

/** Paths and data are written by strace as \x00 throughout (-xx). */
const HEX = /\\x([0-9a-f]{2})/g
const CALL = /^(\w+)\((.*)\)\s+= (-?\d+|\?)(?:<([^>]*)>)?/s
const DESCRIPTOR = /^(\d+)<([^>]*)>/
const QUOTED = /"([^"]*)"/g

/**
 * One thread's log of `strace -ff -y -xx`. Throws on a call below `directory` that it cannot replay:
 * a trace with holes would prove nothing.
 */
export function parseDiskCalls(log: string, directory: string): readonly DiskCall[] {
  const counts = new Map<string, number>()
  return log.split('\n').flatMap((line): readonly DiskCall[] => {
    const match = CALL.exec(line)
    if (match === null) return []
    const [, name = '', args = '', result = '', path] = match
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    if (result.startsWith('-')) return []
    const effect = readEffect({ name, args, path: path && toText(path) }, directory)
    return effect === undefined ? [] : [{ name, nth, effect }]
  })
}

interface Call {
  readonly name: string
  readonly args: string
  /** Of the descriptor that was returned. */
  readonly path: string | undefined
}

function readEffect(call: Call, directory: string): DiskEffect | undefined {
  if (call.name === 'exit_group') return { kind: 'end' }
  const [first = '', second = ''] = [...call.args.matchAll(QUOTED)].map(([, text]) => text ?? '')
  if (call.name.startsWith('open')) {
    const isNew = call.args.includes('O_CREAT') && call.path?.startsWith(directory)
    return isNew && call.path !== undefined ? { kind: 'create', file: call.path } : undefined
  }
  if (call.name.startsWith('unlink')) return about(directory, 'remove', toText(first))
  if (call.name.startsWith('mkdir')) return about(directory, 'make-directory', toText(first))
  if (call.name.startsWith('link')) {
    return { kind: 'link', from: toText(first), to: toText(second) }
  }
  if (call.name.startsWith('rename') && toText(first).startsWith(directory)) {
    return { kind: 'rename', from: toText(first), to: toText(second) }
  }
  const [, fd = '', hexPath = ''] = DESCRIPTOR.exec(call.args) ?? []
  const file = toText(hexPath)
  const outlet = OUTLETS[fd]
  if (call.name.startsWith('write') && outlet !== undefined) return { kind: 'words', to: outlet }
  if (!`${file}/`.startsWith(directory)) {
    if (fd === '' && toText(call.args).includes(directory)) throw unreadable(call)
    return undefined
  }
  return readFileEffect(call, file, first)
}

function readFileEffect(call: Call, file: string, data: string): DiskEffect {
  const last = Number(/(\d+)$/.exec(call.args)?.[1])
  switch (call.name) {
    case 'pwrite64':
      return { kind: 'write', file, at: last, bytes: toBytes(data) }
    case 'write':
      // Files written this way are written once, from their beginning: see writeNewFile.
      return { kind: 'write', file, at: 0, bytes: toBytes(data) }
    case 'ftruncate':
      return { kind: 'truncate', file, size: last }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', file }
    default:
      throw unreadable(call)
  }
}

function about(
  directory: string,
  kind: 'remove' | 'make-directory',
  file: string,
): DiskEffect | undefined {
  return file.startsWith(directory) ? { kind, file } : undefined
}

function unreadable({ name, args }: Call): Error {
  return new Error(`cannot replay ${name}(${toText(args).slice(0, 200)})`)
}

function toBytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}

function toText(hex: string): string {
  return hex.replace(HEX, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
