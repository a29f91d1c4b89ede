import Database from 'better-sqlite3'
import { toUnixSeconds } from '../../src/base/time.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { writeThrottle } from '../../src/store/sqlite/throttle-column.ts'
import { type Authenticator, enrollPerson, wrongCodeOf } from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'

/** One enrolled person on one otpgate, whose every login can be the first. */
export interface Subject {
  readonly otpgate: Otpgate
  readonly name: string
  readonly app: Authenticator
  readonly wrongCode: string
  rightCode(): string
  /** Takes back what a login left: replay mark, failures, tickets, audit rows stay. */
  reset(): void
}

export async function openSubject(host: OtpgateHost): Promise<Subject> {
  const otpgate = await host.install()
  const { name, app } = await enrollPerson(otpgate, host.addUser())
  return {
    otpgate,
    name,
    app,
    wrongCode: wrongCodeOf(app),
    rightCode: () => currentCode(parseSecret(app.secretBase32)),
    reset: () => resetAccounts(otpgate.databaseFile),
  }
}

/** The code of now, in the standard form; by ours, as oathtool would be started at every round. */
export function currentCode(secret: Buffer): string {
  const parameters = { algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const
  const now = toUnixSeconds(Math.floor(Date.now() / 1000))
  return generateCode(secret, parameters, stepAt(now, parameters.periodSeconds))
}

/** Closes the file again: a verifier has to be the first and the last on it, as it mostly is. */
function resetAccounts(file: string): void {
  const db = new Database(file)
  const fresh = writeThrottle(FRESH_THROTTLE)
  db.exec(`UPDATE device SET last_accepted_step = NULL; DELETE FROM ticket`)
  db.prepare('UPDATE account SET throttle_code = ?').run(fresh)
  db.close()
}
