import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { COMPANIONS, relink } from './database-file.ts'
import { doFile } from './file-failure.ts'
import { isThere } from './path.ts'
import { syncDirectory } from './write-file.ts'

const KEPT_TAIL = '.replaced-'
/** Behind a kept name: logs of who had opened the file while it was moved. */
const LATE_TAIL = '-late'
const TAILS = ['', ...COMPANIONS, ...COMPANIONS.map((tail) => LATE_TAIL + tail)]
/** Between opening a database and looking for its log a program takes far less. */
const SETTLE_MILLISECONDS = 100

/** The first name of the form `PATH.replaced-N` that nothing has, nor anything of SQLite's beside it. */
export function nextKeptName(path: string): string {
  for (let number = 1; ; number++) {
    const kept = `${path}${KEPT_TAIL}${number}`
    if (TAILS.every((tail) => !isThere(kept + tail))) return kept
  }
}

/** What was moved or copied to such a name last; `undefined`: there is nothing. */
export function newestKeptName(path: string): string | undefined {
  const start = `${basename(path)}${KEPT_TAIL}`
  const isKept = (name: string) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length))
  const found = readdirSync(dirname(path))
    .filter(isKept)
    .map((name) => join(dirname(path), name))
    // A name that is given changes the inode (inode(7)), and so does a checkpoint into an older one.
    .map((kept) => ({ kept, at: lstatSync(kept).ctimeMs }))
  return found.toSorted((a, b) => b.at - a.at)[0]?.kept
}

/**
 * Gives a database another name, with its log, where it is there: a log that stays would be taken for that
 * of the next file of this name. The file goes first, so that nothing opens it without its log; and who had
 * opened it before may make one more log a moment later, which goes as well. What is returned moves it back.
 */
export function moveDatabaseAside(path: string, kept: string): () => void {
  const moveBack = () =>
    doFile('rename', kept, () => {
      for (const tail of [...COMPANIONS, '']) relinkIfThere(kept + tail, path + tail)
      syncDirectory(dirname(path))
    })
  try {
    doFile('rename', path, () => {
      for (const tail of ['', ...COMPANIONS]) relinkIfThere(path + tail, kept + tail)
      syncDirectory(dirname(path))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MILLISECONDS)
      for (const tail of COMPANIONS) relinkIfThere(path + tail, kept + LATE_TAIL + tail)
    })
  } catch (error) {
    moveBack()
    throw error
  }
  return moveBack
}

function relinkIfThere(from: string, to: string): void {
  if (isThere(from)) relink(from, to)
}
