import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { installFile, removeDraft, uninstallFile } from '../../src/host/install-file.ts'
import { readRootFile } from '../../src/host/root-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const OWNERSHIP = { mode: 0o640, uid: 0, gid: 12 }

describe('installFile', () => {
  const scratch = useScratchDirectory()

  test('puts a file in place with its mode and owner, whatever the umask is', () => {
    writeFileSync(scratch('file'), 'old')
    installFile(scratch('file'), 'new', OWNERSHIP)
    const { mode, uid, gid } = lstatSync(scratch('file'))
    expect({ mode: mode & 0o7777, uid, gid }).toEqual(OWNERSHIP)
    expect(readFileSync(scratch('file'), 'utf8')).toBe('new')
    expect(readdirSync(scratch())).toEqual(['file'])
  })

  test('takes the draft of a killed run for its own', () => {
    writeFileSync(scratch('.otpgate-setup.tmp'), 'half')
    installFile(scratch('file'), 'new', OWNERSHIP)
    expect(readdirSync(scratch())).toEqual(['file'])
  })

  test('leaves the old file and no draft where it fails', () => {
    mkdirSync(scratch('file'))
    expect(errorCodeOf(() => installFile(scratch('file'), 'new', OWNERSHIP))).toBe(
      'ERR_OUTPUT_FAILED',
    )
    expect(readdirSync(scratch())).toEqual(['file'])
  })

  test('is undone by uninstallFile, also twice and without a directory', () => {
    installFile(scratch('file'), 'new', OWNERSHIP)
    writeFileSync(scratch('.otpgate-setup.tmp'), 'half')
    uninstallFile(scratch('file'))
    uninstallFile(scratch('file'))
    uninstallFile(scratch('nowhere/file'))
    removeDraft(scratch('file'))
    expect(readdirSync(scratch())).toEqual([])
  })
})

describe('readRootFile', () => {
  const scratch = useScratchDirectory()

  test('reads bytes, mode and owner of a regular file, and knows one that is not there', () => {
    installFile(scratch('file'), Buffer.from([0xff, 0]), OWNERSHIP)
    expect(readRootFile(scratch('file'))).toMatchObject({
      bytes: Buffer.from([0xff, 0]),
      ...OWNERSHIP,
    })
    expect(readRootFile(scratch('other'))).toBeUndefined()
  })

  test.each([
    ['a symlink', () => symlinkSync('/etc/passwd', scratch('file'))],
    ['a directory', () => mkdirSync(scratch('file'))],
    [
      'in a directory that others may write',
      () => {
        mkdirSync(scratch('open'))
        chmodSync(scratch('open'), 0o777)
        writeFileSync(scratch('open/file'), '')
        symlinkSync(scratch('open'), scratch('way'))
      },
    ],
  ])('refuses what is %s', (what, lay) => {
    lay()
    const path = what.startsWith('in ') ? scratch('way/file') : scratch('file')
    expect(errorCodeOf(() => readRootFile(path))).toBe('ERR_REFUSED')
  })
})
