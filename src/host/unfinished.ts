import { dirname } from 'node:path'
import { isThere } from './path.ts'
import { findDrafts } from './write-file.ts'

/** The file that stands beside a database from when it is begun until it is made. */
export function unfinishedMarkOf(databasePath: string): string {
  return `${databasePath}.unfinished`
}

/** What a killed `init` has left beside a database and other files of ours: paths. */
export function findUnfinished(
  databasePath: string,
  ...others: readonly string[]
): readonly string[] {
  const mark = unfinishedMarkOf(databasePath)
  const directories = new Set([databasePath, ...others].map((path) => dirname(path)))
  const drafts = [...directories].filter(isThere).flatMap(findDrafts)
  return [...(isThere(mark) ? [mark] : []), ...drafts]
}
