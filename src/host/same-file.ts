import { AppError } from '../base/errors.ts'
import { fileIdentity } from './path.ts'

/**
 * What throws ERR_STORE_LOCKED once a database has not the file any more that it has now. SQLite goes on
 * writing to one that a restore has moved aside, where nobody would look for it again: a code would be
 * used up there, and right again in the file that took its place.
 */
export function createSameFileCheck(path: string): () => void {
  const identity = fileIdentity(path)
  return () => {
    if (fileIdentity(path) === identity) return
    throw new AppError('ERR_STORE_LOCKED', 'another database was put in its place meanwhile', {
      hint: 'nothing was saved: try again',
    })
  }
}
