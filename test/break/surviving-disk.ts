import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DiskEffect } from './disk-call.ts'

/** Whether one thing that nobody has synced yet is on the disk after all; asked once for each. */
export type Luck = () => boolean

/** Of a torn write whole sectors survive. */
const SECTOR_BYTES = 512

type Change = Extract<DiskEffect, { kind: 'write' | 'truncate' }>

/** A file whatever its names are. */
interface Inode {
  /** What a power loss cannot take. */
  synced: Buffer
  pending: Change[]
}

interface Disk {
  /** Names that survive for sure, and those that programs see. */
  readonly syncedNames: Map<string, Inode>
  readonly names: Map<string, Inode>
  /** Lost with all that is in them, unless luck has it. */
  readonly newDirectories: Set<string>
}

/**
 * Makes `directory` what a power loss leaves of it: `before` is a copy from before the effects. All
 * that was synced is there, and of the rest what luck has it. A new or removed name is certain only
 * after its directory was synced (fsync(2)). Index files of SQLite (-shm) are left out: they live in
 * shared memory, and SQLite makes them anew.
 */
export function layOutDisk(
  directory: string,
  before: string,
  effects: readonly DiskEffect[],
  luck: Luck,
): void {
  const disk = readDisk(before, directory)
  for (const effect of effects) applyEffect(disk, effect)
  for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true })
  const lost = [...disk.newDirectories].filter(() => !luck())
  for (const name of new Set([...disk.syncedNames.keys(), ...disk.names.keys()])) {
    const inode = (luck() ? disk.names : disk.syncedNames).get(name)
    if (inode === undefined || name.endsWith('-shm') || lost.includes(dirname(name))) continue
    mkdirSync(dirname(name), { recursive: true, mode: 0o700 })
    writeFileSync(name, settle(inode, luck), { mode: 0o600 })
  }
}

function readDisk(before: string, original: string): Disk {
  const files = readdirSync(before, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const inodes = files.map((file): [string, Inode] => [
    join(original, file.slice(before.length)),
    { synced: readFileSync(file), pending: [] },
  ])
  return { syncedNames: new Map(inodes), names: new Map(inodes), newDirectories: new Set() }
}

function applyEffect(disk: Disk, effect: DiskEffect): void {
  const { names } = disk
  switch (effect.kind) {
    case 'create':
      if (!names.has(effect.file)) names.set(effect.file, { synced: Buffer.alloc(0), pending: [] })
      return
    case 'write':
    case 'truncate':
      inodeOf(names, effect.file).pending.push(effect)
      return
    case 'link':
      names.set(effect.to, inodeOf(names, effect.from))
      return
    case 'rename':
      names.set(effect.to, inodeOf(names, effect.from))
      names.delete(effect.from)
      return
    case 'remove':
      names.delete(effect.file)
      return
    case 'sync':
      sync(disk, effect.file)
      return
    case 'make-directory':
      disk.newDirectories.add(effect.file)
      return
    case 'words':
    case 'end':
      return
  }
}

function sync({ syncedNames, names, newDirectories }: Disk, file: string): void {
  const inode = names.get(file)
  if (inode !== undefined) {
    inode.synced = settle(inode, () => true)
    inode.pending = []
    return
  }
  const inside = (name: string) => dirname(name) === file
  for (const name of [...newDirectories].filter(inside)) newDirectories.delete(name)
  for (const name of [...syncedNames.keys()].filter(inside)) syncedNames.delete(name)
  for (const [name, found] of names) if (inside(name)) syncedNames.set(name, found)
}

function inodeOf(names: Map<string, Inode>, file: string): Inode {
  const inode = names.get(file)
  if (inode === undefined) throw new Error(`the trace says nothing of how ${file} came to be`)
  return inode
}

/** The file with each sector of what is pending there or not. */
function settle({ synced, pending }: Inode, luck: Luck): Buffer {
  let bytes = synced
  for (const change of pending) {
    bytes = change.kind === 'truncate' ? cut(bytes, change, luck) : put(bytes, change, luck)
  }
  return bytes
}

function cut(bytes: Buffer, { size }: Extract<Change, { kind: 'truncate' }>, luck: Luck): Buffer {
  if (!luck()) return bytes
  return Buffer.concat([bytes.subarray(0, size), Buffer.alloc(Math.max(0, size - bytes.length))])
}

function put(bytes: Buffer, write: Extract<Change, { kind: 'write' }>, luck: Luck): Buffer {
  let result = bytes
  for (let from = 0; from < write.bytes.length; ) {
    const to = Math.min(
      write.bytes.length,
      from + SECTOR_BYTES - ((write.at + from) % SECTOR_BYTES),
    )
    if (luck()) result = overwrite(result, write.at + from, write.bytes.subarray(from, to))
    from = to
  }
  return result
}

function overwrite(bytes: Buffer, at: number, part: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(bytes.length, at + part.length))
  bytes.copy(result)
  part.copy(result, at)
  return result
}
