import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, test } from 'vitest'
import { replaceFile } from '../../src/host/replace-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

describe('replacing a file', () => {
  test('puts a new one in the place of the old, with its own mode, and leaves nothing else', () => {
    writeFileSync(scratch('out'), 'old')
    chmodSync(scratch('out'), 0o400)
    const { ino } = statSync(scratch('out'))
    replaceFile(scratch('out'), 'new', 0o644)
    expect(readFileSync(scratch('out'), 'utf8')).toBe('new')
    expect(statSync(scratch('out')).mode & 0o7777).toBe(0o644)
    // Whoever has the old one open reads it to its end.
    expect(statSync(scratch('out')).ino).not.toBe(ino)
    expect(readdirSync(scratch())).toEqual(['out'])
  })

  test('makes one where there is none', () => {
    replaceFile(scratch('out'), 'new', 0o600)
    expect(readFileSync(scratch('out'), 'utf8')).toBe('new')
  })

  test('leaves alone what is no regular file', () => {
    mkdirSync(scratch('directory'))
    symlinkSync('elsewhere', scratch('link'))
    for (const name of ['directory', 'link']) {
      expect(errorCodeOf(() => replaceFile(scratch(name), 'new', 0o644))).toBe('ERR_OUTPUT_FAILED')
    }
    expect(readlinkSync(scratch('link'))).toBe('elsewhere')
    expect(readdirSync(scratch())).toEqual(['directory', 'link'])
  })

  test('leaves the old one, and no draft, where it goes wrong half-way', () => {
    writeFileSync(scratch('out'), 'old')
    const noMode = -1
    expect(errorCodeOf(() => replaceFile(scratch('out'), 'new', noMode))).toBe('ERR_OUTPUT_FAILED')
    expect(readFileSync(scratch('out'), 'utf8')).toBe('old')
    expect(readdirSync(scratch())).toEqual(['out'])
  })

  test('says so where it cannot be written', () => {
    const path = scratch('nowhere', 'out')
    expect(errorCodeOf(() => replaceFile(path, 'new', 0o644))).toBe('ERR_OUTPUT_FAILED')
  })
})
