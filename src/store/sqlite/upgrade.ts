import { AppError } from '../../base/errors.ts'
import { migrate, readSchemaVersion, rehearseMigration } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { toStoreError } from './sqlite-error.ts'

/** What an upgrade finds. */
export interface Upgrade {
  /** The schema of the file before it. */
  readonly from: number
  /** This program's. */
  readonly to: number
}

/**
 * Brings an existing file to this program's schema, or with `isRehearsal` does so and takes it back. It
 * takes no key. Throws ERR_STORE_*: a file of a newer schema is refused, and stays as it is.
 */
export function upgradeStorage(
  options: Omit<OpenOptions, 'create'>,
  isRehearsal: boolean,
): Upgrade {
  const db = openDatabase({ ...options, create: false })
  try {
    const from = readSchemaVersion(db)
    // Where there is nothing to do, no login has to wait for it.
    if (from !== MIGRATIONS.length) {
      if (isRehearsal) rehearseMigration(db, MIGRATIONS)
      else migrate(db, MIGRATIONS, refuseEmpty)
    }
    return { from, to: MIGRATIONS.length }
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}

function refuseEmpty(): never {
  throw new AppError('ERR_STORE_CORRUPT', 'the database has no schema', {
    hint: 'restore a backup',
  })
}
