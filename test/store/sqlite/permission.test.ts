import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, CREATE } from '../sample.ts'
import { asOrdinaryUser, giveToOrdinaryUser } from './ordinary-user.ts'
import { initFile, openFile, saveInFile } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const NOT_PERMITTED = { code: 'ERR_STORE_PERMISSION' }

/** A path in a directory of its own, which an ordinary user may enter. */
function sharedPath(): string {
  chmodSync(scratch(), 0o711)
  mkdirSync(scratch('shared'))
  return scratch('shared', 'a.db')
}

describe('a database where one may not write', () => {
  test('is not made, and nothing else is', async () => {
    const path = sharedPath()
    giveToOrdinaryUser(dirname(path), 0o555)
    await expect(asOrdinaryUser(() => initFile(path))).rejects.toMatchObject(NOT_PERMITTED)
    expect(readdirSync(dirname(path))).toEqual([])
  })

  test.each([
    { what: 'file', fileMode: 0o444, directoryMode: 0o755 },
    { what: 'directory', fileMode: 0o644, directoryMode: 0o555 },
    { what: 'right to read', fileMode: 0o000, directoryMode: 0o755 },
  ])('because of its $what takes no change', async ({ fileMode, directoryMode }) => {
    const path = sharedPath()
    initFile(path)
    giveToOrdinaryUser(path, fileMode)
    giveToOrdinaryUser(dirname(path), directoryMode)
    const attempt = asOrdinaryUser(() => saveInFile(path, CREATE))
    await expect(attempt).rejects.toMatchObject(NOT_PERMITTED)
    giveToOrdinaryUser(dirname(path), 0o755)
    giveToOrdinaryUser(path, 0o644)
    const { register, close } = openFile(path)
    expect(await register.find(ALICE)).toEqual({ kind: 'never-known', tickets: [] })
    close()
  })
})
