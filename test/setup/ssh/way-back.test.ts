import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRootFile } from '../../../src/host/root-file.ts'
import type { FileRole, Recipe } from '../../../src/setup/ssh/journal.ts'
import { keepOriginal } from '../../../src/setup/ssh/original.ts'
import { toChangedFile } from '../../../src/setup/ssh/plan.ts'
import { laySpares } from '../../../src/setup/ssh/spare.ts'
import { takeWayBack } from '../../../src/setup/ssh/way-back.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { buildJournal, placesIn } from './setup-sample.ts'

const OWNERSHIP = { mode: 0o644, uid: 0, gid: 0 }

describe('takeWayBack', () => {
  const scratch = useScratchDirectory()
  const places = () => placesIn(scratch)

  /** A file that reads "new" by now; "old" before, where there was one. */
  function lay(role: FileRole, path: string, hadOriginal: boolean) {
    mkdirSync(dirname(path), { recursive: true })
    if (hadOriginal) writeFileSync(path, 'old', { mode: OWNERSHIP.mode })
    const before = readRootFile(path)
    const copy = `${role}-1.original`
    if (before !== undefined) keepOriginal(places(), copy, before)
    const planned = { role, path, before, bytes: Buffer.from('new'), ownership: OWNERSHIP }
    const file = toChangedFile(planned, copy)
    laySpares(places(), [file])
    writeFileSync(path, 'new', { mode: OWNERSHIP.mode })
    return file
  }

  function layAll(recipe: Recipe) {
    mkdirSync(scratch('state'), { mode: 0o700 })
    const files = [
      lay('drop-in', scratch('sshd.d/00'), false),
      lay('recipe', scratch('pam.d/recipe'), false),
      lay('service', scratch('pam.d/sshd'), true),
    ]
    return buildJournal({ recipe, files })
  }

  /** A directory where the draft would be: nothing there is put back. */
  const block = (directory: string) => mkdirSync(scratch(directory, '.otpgate-setup.tmp'))
  const goBack = (recipe: Recipe, blocked: string) => {
    const journal = layAll(recipe)
    block(blocked)
    return takeWayBack(places(), journal, { mustReload: false, mayStart: false })
  }
  const left = () =>
    ['sshd.d/00', 'pam.d/recipe', 'pam.d/sshd']
      .map((name) => scratch(name))
      .filter((path) => existsSync(path) && readFileSync(path, 'utf8') === 'new')
      .map((path) => basename(path))

  test('with keys, puts PAM back also where the drop-in cannot be, and says what failed', async () => {
    await expect(goBack('key+code', 'sshd.d')).rejects.toThrow()
    expect(left()).toEqual(['00'])
    expect(existsSync(scratch('pam.d/.sshd.otpgate-original'))).toBe(false)
  })

  test('with passwords, leaves PAM at the code while sshd still takes them', async () => {
    await expect(goBack('password+code', 'sshd.d')).rejects.toThrow()
    expect(left()).toEqual(['00', 'recipe', 'sshd'])
  })

  test('with keys, leaves sshd as it is while PAM wants its code', async () => {
    await expect(goBack('key+code', 'pam.d')).rejects.toThrow()
    expect(left()).toEqual(['00', 'recipe', 'sshd'])
  })
})
