import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/sqlite/open.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { CREATE } from '../sample.ts'
import { fileOptions, initFile, openFile, saveInFile } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const PAGE_BYTES = 4096

const SETTINGS: Readonly<Record<string, string | number>> = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  secure_delete: 1,
  cell_size_check: 1,
}

describe('a database that is opened', () => {
  test('has its settings in force, when it is new and when it is not', () => {
    initFile(scratch('old.db'))
    for (const [name, create] of [['new.db', true] as const, ['old.db', false] as const]) {
      const db = openDatabase({ ...fileOptions(scratch(name)), create })
      const found = Object.keys(SETTINGS).map((key) => [key, db.pragma(key, { simple: true })])
      db.close()
      expect(Object.fromEntries(found)).toEqual(SETTINGS)
    }
  })

  test('overwrites what is deleted', async () => {
    const path = scratch('a.db')
    const override = { kind: 'must-enroll', reason: 'M'.repeat(40) } as const
    initFile(path)
    await saveInFile(path, CREATE, { kind: 'set-override', override })
    expect(readFileSync(path).includes(override.reason)).toBe(true)
    await saveInFile(path, { kind: 'set-override', override: undefined })
    expect(readFileSync(path).includes(override.reason)).toBe(false)
  })

  test('leaves nothing beside the file when it is closed', async () => {
    initFile(scratch('a.db'))
    await saveInFile(scratch('a.db'), CREATE)
    expect(readdirSync(scratch())).toEqual(['a.db'])
  })
})

describe('a database that cannot be opened', () => {
  test('is said to be missing where its directory is', () => {
    const path = scratch('gone', 'a.db')
    expect(errorCodeOf(() => openFile(path))).toBe('ERR_STORE_MISSING')
    expect(errorCodeOf(() => initFile(path))).toBe('ERR_STORE_MISSING')
    expect(readdirSync(scratch())).toEqual([])
  })

  test('is not made by opening it', () => {
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_PERMISSION')
    expect(readdirSync(scratch())).toEqual([])
  })

  test('may be a directory', () => {
    mkdirSync(scratch('a.db'))
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_PERMISSION')
    expect(errorCodeOf(() => initFile(scratch('a.db')))).toBe('ERR_STORE_PERMISSION')
    expect(readdirSync(scratch('a.db'))).toEqual([])
  })

  test.each([14, 100_000])('may be %i bytes of something else, which stay', (size) => {
    const text = 'x'.repeat(size)
    writeFileSync(scratch('a.db'), text)
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
    expect(errorCodeOf(() => initFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
    expect(readFileSync(scratch('a.db'), 'latin1')).toBe(text)
    expect(readdirSync(scratch())).toEqual(['a.db'])
  })

  test('is let go of', () => {
    writeFileSync(scratch('a.db'), 'x'.repeat(5000))
    const before = readdirSync('/proc/self/fd').length
    for (let times = 0; times < 20; times += 1) errorCodeOf(() => openFile(scratch('a.db')))
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 20)
  })

  test.each([50, PAGE_BYTES, 3 * PAGE_BYTES + 17])('may be cut to %i bytes', async (size) => {
    const path = scratch('a.db')
    initFile(path)
    await saveInFile(path, CREATE)
    truncateSync(path, size)
    expect(errorCodeOf(() => openFile(path))).toBe('ERR_STORE_CORRUPT')
    expect(errorCodeOf(() => initFile(path))).toBe('ERR_STORE_CORRUPT')
    expect(statSync(path).size).toBe(size)
  })

  test('may be cut to nothing, and is not taken for one without accounts', () => {
    initFile(scratch('a.db'))
    truncateSync(scratch('a.db'), 0)
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
    expect(errorCodeOf(() => initFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
    expect(statSync(scratch('a.db')).size).toBe(0)
  })

  test('may have every page overwritten but the first', () => {
    initFile(scratch('a.db'))
    writeFileSync(scratch('a.db'), readFileSync(scratch('a.db')).fill(0xff, PAGE_BYTES))
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
  })
})
