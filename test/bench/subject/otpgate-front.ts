import Database from 'better-sqlite3'
import { FRESH_THROTTLE } from '../../../src/domain/throttle.ts'
import { writeThrottle } from '../../../src/store/sqlite/throttle-column.ts'
import type { Otpgate, OtpgateHost } from '../../support/otpgate-host.ts'
import { readExample } from '../../support/shipped-example.ts'
import { addSingleCall, addWholeStack, type Subject, type SubjectOptions } from './subject.ts'

/** What stands behind the name otpgate-verify. */
export interface Front {
  readonly id: string
  readonly title: string
  /** As a pam.d line names it: the program, then its arguments. */
  readonly verifier: Otpgate['verifier']
  readonly otpgate: Otpgate
  readonly cpuMs?: Subject['cpuMs']
  readonly fallbacks?: Subject['fallbacks']
}

/** One front as a single call, as the recommended recipe, and as the lean one. */
export interface FrontSubjects {
  readonly call: Subject
  readonly recommended: Subject
  readonly lean: Subject
}

export function addFront(host: OtpgateHost, front: Front): FrontSubjects {
  const { id, title, verifier, otpgate, cpuMs = () => 0, fallbacks } = front
  const options: SubjectOptions = {
    reset: (names) => resetAccounts(otpgate.databaseFile, names),
    cpuMs,
    fallbacks,
  }
  const addRecipe = (recipe: string, file: string) =>
    addWholeStack(
      host,
      { id: `${id}-${recipe}`, title: `${recipe} recipe, ${title}` },
      fillShippedRecipe(file, verifier),
      options,
    )
  const call = `pam_exec.so quiet stdout expose_authtok ${verifier.join(' ')}`
  return {
    call: addSingleCall(host, { id, title: `otpgate, ${title}` }, call, options),
    recommended: addRecipe('recommended', 'otpgate-key-then-code'),
    lean: addRecipe('lean', 'otpgate-lean'),
  }
}

const INSTALLED_VERIFIER = '/usr/lib/otpgate/otpgate-verify'

/** A recipe of examples/pam.d by itself, without the distribution's lines. */
function fillShippedRecipe(file: string, verifier: readonly string[]): string {
  const recipe = readExample(`pam.d/${file}`)
  if (!recipe.includes(INSTALLED_VERIFIER)) throw new Error(`${file} names no verifier`)
  return recipe.replaceAll(INSTALLED_VERIFIER, verifier.join(' '))
}

/**
 * Closes the file again: direct mode has to be the first and the last on it, as it mostly is. Without a
 * checkpoint, which would have the daemon begin its log anew, with one sync more, at every single login.
 */
export function resetAccounts(file: string, names: readonly string[]): void {
  const db = new Database(file)
  const fresh = writeThrottle(FRESH_THROTTLE)
  db.exec('PRAGMA synchronous = OFF; BEGIN IMMEDIATE')
  const forget = [
    db.prepare('UPDATE device SET last_accepted_step = NULL WHERE account = ?'),
    db.prepare('DELETE FROM ticket WHERE account = ?'),
  ]
  const forgive = db.prepare('UPDATE account SET throttle_code = ? WHERE name = ?')
  for (const name of names) {
    for (const statement of forget) statement.run(name)
    forgive.run(fresh, name)
  }
  db.exec('COMMIT')
  db.close()
}
