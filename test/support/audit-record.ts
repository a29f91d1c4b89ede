import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import type { Otpgate } from './otpgate-host.ts'

const NATIVE_BINDING = fileURLToPath(
  new URL(
    `../../node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
    import.meta.url,
  ),
)

/** A row of `otpgate audit --json`, as far as tests look at it. */
export interface AuditRecord {
  readonly seq: number
  readonly hash: string
  readonly action: string
  readonly outcome: string
  readonly reason?: string
  readonly method?: string
  readonly device?: string
  readonly rule?: string
  readonly address?: string
  readonly service?: string
  readonly first_factor?: string
  readonly count: number
  /** `seq` of the row that this one finishes. */
  readonly completes?: number
}

/** What the audit log says about one person's logins, oldest first. */
export async function readLogins(otpgate: Otpgate, name: string): Promise<readonly AuditRecord[]> {
  const rows: readonly AuditRecord[] = JSON.parse(await otpgate.require(['audit', name, '--json']))
  return rows.filter((row) => row.action === 'login')
}

/** The same in short: `denied code-wrong`, `accepted totp`. */
export async function outlineLogins(otpgate: Otpgate, name: string): Promise<readonly string[]> {
  const rows = await readLogins(otpgate, name)
  return rows.map(({ outcome, reason, rule, method }) =>
    [outcome, reason ?? rule ?? method].join(' '),
  )
}

/** A connection of the test's own to the database; close it. */
export function openRawDatabase(otpgate: Otpgate): Database.Database {
  return new Database(otpgate.databaseFile, { nativeBinding: NATIVE_BINDING })
}

/** Tickets that an auth phase left and no account phase has used up. */
export function countTickets(otpgate: Otpgate): number {
  const db = openRawDatabase(otpgate)
  try {
    return db.prepare('SELECT * FROM ticket').all().length
  } finally {
    db.close()
  }
}

/** Charged attempts since the last right one, as `otpgate show` gives them. */
export async function readFailures(otpgate: Otpgate, name: string): Promise<number> {
  const shown: { failures: number } = JSON.parse(await otpgate.require(['show', name, '--json']))
  return shown.failures
}
