import { expect, test } from 'vitest'
import type { Change } from '../../../src/domain/change.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import {
  ALICE,
  always,
  at,
  BOB,
  CREATE,
  sampleCode,
  sampleDevice,
  sampleSource,
  sampleTicket,
} from '../sample.ts'
import { initFile, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()

const HERS: readonly Change[] = [
  CREATE,
  { kind: 'add-device', device: sampleDevice() },
  { kind: 'add-one-time-code', code: sampleCode() },
  { kind: 'put-source', source: sampleSource() },
  { kind: 'put-ticket', ticket: sampleTicket('one'), at: at(0) },
]

test.each([
  "UPDATE account SET override_kind = 'waived'",
  "UPDATE account SET override_kind = 'invited'",
  "UPDATE account SET override_kind = 'invited', override_since = 1, override_until = -1",
  `UPDATE account SET override_kind = 'invited', override_since = 1, override_until = 2,
     override_needs_code = 2`,
  "UPDATE account SET override_kind = 'waived', override_until = 1",
  "UPDATE account SET throttle_local = '[]'",
  "UPDATE account SET throttle_known_source = '[]'",
  'UPDATE account SET enrolled_at = -1',
  "UPDATE account SET throttle_code = 'junk'",
  "UPDATE account SET throttle_code = '{}'",
  "UPDATE account SET throttle_code = '[0,[],null]'",
  "UPDATE account SET throttle_code = '[0,[],null,null,0]'",
  "UPDATE account SET throttle_code = '[-1,[],null,null]'",
  "UPDATE account SET throttle_code = '[0.5,[],null,null]'",
  `UPDATE account SET throttle_one_time = '[0,["x"],null,null]'`,
  "UPDATE account SET throttle_one_time = '[0,[],5,null]'",
  'UPDATE account SET uid = 9007199254740993',
  'UPDATE account SET created_at = -9223372036854775808',
  "UPDATE device SET kind = 'push'",
  "UPDATE device SET algorithm = 'MD5'",
  'UPDATE device SET digits = 4',
  'UPDATE device SET period_seconds = NULL',
  'UPDATE device SET period_seconds = 0',
  'UPDATE device SET period_seconds = -30',
  'UPDATE device SET period_seconds = 14',
  'UPDATE device SET period_seconds = 121',
  "UPDATE device SET kind = 'hotp'",
  'UPDATE device SET last_accepted_step = -1',
  // Counted up from here, a number stays the same: a search would never end.
  'UPDATE device SET last_accepted_step = 9007199254740991',
  'UPDATE device SET created_at = 9007199254740991',
  'UPDATE device SET last_used_at = 253402300800',
  'UPDATE account SET last_login_at = 9007199254740991',
  "UPDATE account SET throttle_code = '[0,[9007199254740991],null,null]'",
  "UPDATE account SET throttle_code = '[0,[],1,9007199254740991]'",
  'UPDATE one_time_code SET created_at = -1',
  'UPDATE one_time_code SET expires_at = 253402300800',
  'UPDATE ticket SET expires_at = 253402300800',
  'UPDATE device SET drift_seconds = NULL',
  'UPDATE known_source SET last_success_at = -1',
  'UPDATE known_source SET remembered_at = -1',
  "UPDATE one_time_code SET kind = 'tan'",
  "UPDATE ticket SET method = 'code'",
  'UPDATE ticket SET proves_first_factor = 2',
])('a value that was never written closes its account, and no other: %s', async (sql) => {
  const path = scratch('a.db')
  initFile(path)
  await saveInFile(path, ...HERS)
  tamper(path, (db) => expect(db.prepare(sql).run().changes).toBe(1))
  const { store, register, close } = openFile(path)
  const corrupt = { code: 'ERR_STORE_CORRUPT' }
  await expect(register.find(ALICE)).rejects.toMatchObject(corrupt)
  await expect(store.transact(ALICE, always())).rejects.toMatchObject(corrupt)
  expect(await register.find(BOB)).toEqual({ kind: 'never-known', tickets: [] })
  close()
})
