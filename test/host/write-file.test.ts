import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { expect, test } from 'vitest'
import { buildFile, sweepDrafts, writeNewFile } from '../../src/host/write-file.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

test.each(['600', '400', '666'])('writes bytes with mode %s, whatever the umask', (octal) => {
  const mode = Number.parseInt(octal, 8)
  writeNewFile(scratch('out'), Buffer.from([0, 255, 10]), mode)
  expect(readFileSync(scratch('out'))).toEqual(Buffer.from([0, 255, 10]))
  expect(statSync(scratch('out')).mode & 0o7777).toBe(mode)
  expect(readdirSync(scratch())).toEqual(['out'])
})

test('never replaces a file, and leaves nothing behind', () => {
  writeFileSync(scratch('out'), 'old')
  expect(errorCodeOf(() => writeNewFile(scratch('out'), 'new', 0o600))).toBe('ERR_OUTPUT_EXISTS')
  expect(readFileSync(scratch('out'), 'utf8')).toBe('old')
  expect(readdirSync(scratch())).toEqual(['out'])
})

test('never writes through a symlink, also one that leads nowhere', () => {
  symlinkSync(scratch('elsewhere'), scratch('out'))
  expect(errorCodeOf(() => writeNewFile(scratch('out'), 'new', 0o600))).toBe('ERR_OUTPUT_EXISTS')
  expect(readdirSync(scratch())).toEqual(['out'])
})

test('never writes over a directory', () => {
  mkdirSync(scratch('out'))
  expect(errorCodeOf(() => writeNewFile(scratch('out'), 'new', 0o600))).toBe('ERR_OUTPUT_EXISTS')
  expect(readdirSync(scratch('out'))).toEqual([])
})

test('fails without a trace where the directory is missing or no directory', () => {
  writeFileSync(scratch('file'), '')
  for (const path of [scratch('no', 'out'), scratch('file', 'out')]) {
    expect(errorCodeOf(() => writeNewFile(path, 'new', 0o600))).toBe('ERR_OUTPUT_FAILED')
  }
  expect(readdirSync(scratch())).toEqual(['file'])
})

test('leaves nothing where the name itself is refused after the bytes were written', () => {
  const path = scratch('x'.repeat(256))
  expect(errorCodeOf(() => writeNewFile(path, 'new', 0o600))).toBe('ERR_OUTPUT_FAILED')
  expect(readdirSync(scratch())).toEqual([])
})

test('builds a file of which nobody sees a half, and leaves nothing behind when that fails', () => {
  const build = (draft: string) => {
    writeFileSync(draft, 'half')
    expect(readdirSync(scratch())).not.toContain('out')
    throw new TypeError('broken off')
  }
  expect(() => buildFile(scratch('out'), build)).toThrow('broken off')
  expect(readdirSync(scratch())).toEqual([])
  expect(buildFile(scratch('out'), (draft) => writeFileSync(draft, 'whole'))).toBeUndefined()
  expect(readFileSync(scratch('out'), 'utf8')).toBe('whole')
})

test('sweeps away what killed runs have left, and nothing that may still be written', () => {
  const draft = (digit: string) => scratch(`.otpgate-${digit.repeat(16)}.tmp`)
  writeFileSync(draft('a'), 'the second name of a file that is done')
  linkSync(draft('a'), scratch('done'))
  writeFileSync(draft('b'), 'old')
  utimesSync(draft('b'), 0, 0)
  writeFileSync(draft('c'), 'new')
  writeFileSync(scratch('.otpgate-note.tmp'), 'not ours')
  utimesSync(scratch('.otpgate-note.tmp'), 0, 0)
  sweepDrafts(scratch())
  const kept = ['.otpgate-cccccccccccccccc.tmp', '.otpgate-note.tmp', 'done']
  expect(readdirSync(scratch()).sort()).toEqual(kept)
})
