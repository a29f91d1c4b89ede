import { closeSync, constants, fsyncSync, linkSync, openSync, statSync, unlinkSync } from 'node:fs'
import { doFile } from './file-failure.ts'
import { removeFile } from './path.ts'

const PRIVATE_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** What SQLite keeps beside a database. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** Opens a file to write that is one's own, and that nothing was before. Throws as open(2). */
export function openPrivate(path: string): number {
  return openSync(path, NEW_FILE, PRIVATE_MODE)
}

/** An empty file of one's own, for SQLite to fill: it would give a new one the mode of the umask. */
export function makePrivateFile(path: string): void {
  doFile('write', path, () => closeSync(openPrivate(path)))
}

/** SQLite syncs no file that VACUUM INTO has made. Throws ERR_OUTPUT_FAILED. */
export function syncFile(path: string): void {
  doFile('write', path, () => {
    const fd = openSync(path, constants.O_RDONLY)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/** A database that is a draft, with what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const tail of ['', ...COMPANIONS]) removeFile(path + tail)
}

/** By link(2), which replaces nothing. Throws ERR_OUTPUT_FAILED. */
export function moveFile(from: string, to: string): void {
  doFile('rename', from, () => relink(from, to))
}

/** The same, where the file may vanish before: throws as link(2) and unlink(2). */
export function relink(from: string, to: string): void {
  linkSync(from, to)
  unlinkSync(from)
}

/** Owner and permission bits of a file. Throws ERR_OUTPUT_FAILED. */
export function describeMode(path: string): { readonly uid: number; readonly mode: string } {
  const { uid, mode } = doFile('look for', path, () => statSync(path))
  return { uid, mode: (mode & 0o7777).toString(8).padStart(4, '0') }
}
