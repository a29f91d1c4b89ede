import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/sqlite/open.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, always, CREATE, freshAccount } from '../sample.ts'
import { fileOptions, initFile, openFile, openRaw, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const IMPATIENT = { busyMilliseconds: 20 }
const LOCKED = { code: 'ERR_STORE_LOCKED' }

describe('a database that another process has locked', () => {
  test('says so, saves nothing, can be read, and goes on once it is free', async () => {
    initFile(scratch('a.db'))
    const { store, register, close } = openFile(scratch('a.db'), IMPATIENT)
    const holder = openRaw(scratch('a.db'))
    holder.exec('BEGIN IMMEDIATE')
    await expect(store.transact(ALICE, always(CREATE))).rejects.toMatchObject(LOCKED)
    expect(await register.find(ALICE)).toEqual({ kind: 'never-known', tickets: [] })
    holder.close()
    await store.transact(ALICE, always(CREATE))
    expect(await register.find(ALICE)).toEqual(freshAccount(ALICE))
    close()
  })

  test('altogether is not opened', () => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (holder) => {
      holder.pragma('locking_mode = EXCLUSIVE')
      holder.exec('BEGIN IMMEDIATE; CREATE TABLE held (a); COMMIT')
      const options = { ...fileOptions(scratch('a.db')), ...IMPATIENT, create: true }
      expect(errorCodeOf(() => openFile(scratch('a.db'), IMPATIENT))).toBe('ERR_STORE_LOCKED')
      expect(errorCodeOf(() => openDatabase(options))).toBe('ERR_STORE_LOCKED')
    })
  })
})
