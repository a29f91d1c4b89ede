import { describe, expect, test } from 'vitest'
import { deviceSecretContext, openDeviceSecret } from '../../../src/app/device-secret.ts'
import type { AccountName } from '../../../src/domain/name.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, always, BOB, CREATE, parseUid, sampleDevice } from '../sample.ts'
import { initFile, MASTER_KEY, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const VAULT = createVault(MASTER_KEY)
const OTHER_VAULT = createVault(Buffer.alloc(32, 8))
const UID = parseUid(1000)
const SECRET = Buffer.from('12345678901234567890', 'ascii')

/** Gives the account a device whose sealed secret is `SECRET`. */
async function enroll(name: AccountName, id: string): Promise<void> {
  const { store, close } = openFile(scratch('a.db'))
  const device = sampleDevice({ id })
  const sealedSecret = VAULT.seal(SECRET, deviceSecretContext({ name, uid: UID }, device))
  await store.transact(
    name,
    always(CREATE, { kind: 'add-device', device: { ...device, sealedSecret } }),
  )
  close()
}

/** Opens the secret of the account's only device as a login does. */
async function openSecret(name: AccountName): Promise<Buffer> {
  const { register, close } = openFile(scratch('a.db'))
  const state = await register.find(name)
  close()
  const device = state.kind === 'known' ? state.devices[0] : undefined
  return openDeviceSecret(VAULT, state)(device ?? expect.unreachable('no device'))
}

describe('a database and its key', () => {
  test('belong together: with another key it is neither opened nor made again', () => {
    initFile(scratch('a.db'))
    const open = () => openFile(scratch('a.db'), { vault: OTHER_VAULT })
    expect(errorCodeOf(open)).toBe('ERR_KEY_WRONG')
    expect(errorCodeOf(() => initFile(scratch('a.db'), OTHER_VAULT))).toBe('ERR_KEY_WRONG')
    openFile(scratch('a.db')).close()
  })

  test.each([
    { what: 'a missing key check', sql: "DELETE FROM meta WHERE key = 'key_check'" },
    { what: 'a missing audit key', sql: "DELETE FROM meta WHERE key = 'audit_key'" },
  ])('are not opened with $what', ({ sql }) => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) => db.exec(sql))
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
  })

  test.each([
    { what: 'a changed audit key', value: 'zeroblob(65)' },
    {
      what: 'the key check in the place of the audit key',
      value: "(SELECT value FROM meta WHERE key = 'key_check')",
    },
  ])('are not opened with $what', ({ value }) => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) =>
      db.exec(`UPDATE meta SET value = ${value} WHERE key = 'audit_key'`),
    )
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_SEALED_INVALID')
  })
})

describe('a sealed secret', () => {
  test('opens for the device it was sealed for', async () => {
    initFile(scratch('a.db'))
    await enroll(ALICE, 'a'.repeat(32))
    expect(await openSecret(ALICE)).toEqual(SECRET)
  })

  test.each([
    {
      what: 'put into the row of somebody else',
      sql: `UPDATE device SET sealed_secret =
              (SELECT sealed_secret FROM device WHERE account = 'bob') WHERE account = 'alice'`,
    },
    {
      what: 'moved to another account with its whole row',
      sql: `DELETE FROM device WHERE account = 'alice';
            UPDATE device SET account = 'alice' WHERE account = 'bob'`,
    },
    {
      what: 'under another device id',
      sql: "UPDATE device SET id = 'e' WHERE account = 'alice'",
    },
    {
      what: 'under another uid',
      sql: "UPDATE account SET uid = 0 WHERE name = 'alice'",
    },
    {
      what: 'with another algorithm',
      sql: "UPDATE device SET algorithm = 'SHA256' WHERE account = 'alice'",
    },
    {
      what: 'with another number of digits',
      sql: "UPDATE device SET digits = 7 WHERE account = 'alice'",
    },
    {
      what: 'with a bit of its period flipped',
      sql: "UPDATE device SET period_seconds = 31 WHERE account = 'alice'",
    },
    {
      what: 'with its end overwritten',
      sql: `UPDATE device SET sealed_secret =
              CAST(substr(sealed_secret, 1, 20) || zeroblob(length(sealed_secret) - 20) AS BLOB)
            WHERE account = 'alice'`,
    },
  ])('does not open $what', async ({ sql }) => {
    initFile(scratch('a.db'))
    await enroll(ALICE, 'a'.repeat(32))
    await enroll(BOB, 'b'.repeat(32))
    tamper(scratch('a.db'), (db) => db.exec(sql))
    await expect(openSecret(ALICE)).rejects.toMatchObject({ code: 'ERR_SEALED_INVALID' })
  })
})

test('what one connection saves after another was opened is there for both', async () => {
  initFile(scratch('a.db'))
  const { register, close } = openFile(scratch('a.db'))
  await saveInFile(scratch('a.db'), CREATE)
  expect(await register.find(ALICE)).toMatchObject({ kind: 'known' })
  close()
})
