import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  assertTrustedFile,
  readTrustedFile,
  type TrustedKind,
  trustedOwners,
} from '../../src/host/file-mode.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const isRoot = canRunWith('tests of owners', [])
const STRANGER = 4242

const REFUSALS = [
  { kind: 'key', missing: 'ERR_KEY_MISSING', refused: 'ERR_KEY_PERMISSION' },
  { kind: 'config', missing: 'ERR_CONFIG_UNREADABLE', refused: 'ERR_CONFIG_UNREADABLE' },
  { kind: 'store', missing: 'ERR_STORE_MISSING', refused: 'ERR_STORE_PERMISSION' },
] as const

function writeTrusted(name: string, mode = 0o600): string {
  const path = scratch(name)
  writeFileSync(path, '0123456789')
  chmodSync(path, mode)
  return path
}

function makeDirectory(name: string, mode: number): string {
  mkdirSync(scratch(name))
  chmodSync(scratch(name), mode)
  return scratch(name)
}

function verdict(path: string, kind: TrustedKind = 'store', owners?: readonly number[]) {
  return errorCodeOf(() => assertTrustedFile(path, kind, owners))
}

describe.each(REFUSALS)('a $kind', ({ kind, missing, refused }) => {
  test('is trusted when it is ours and closed', () => {
    expect(verdict(writeTrusted('file', 0o600), kind)).toBeUndefined()
  })

  test('that is not there, nor its directory, has an error of its own', () => {
    expect(verdict(scratch('nothing'), kind)).toBe(missing)
    expect(verdict(scratch('no', 'where'), kind)).toBe(missing)
  })

  test('below something that is no directory is refused', () => {
    expect(verdict(`${writeTrusted('file')}/below`, kind)).toBe(refused)
  })

  test.each(['620', '602', '666'])('writable for others is refused: mode %s', (octal) => {
    expect(verdict(writeTrusted('file', Number.parseInt(octal, 8)), kind)).toBe(refused)
  })

  test.each(['symlink', 'fifo', 'directory', 'device', 'dangling'])('is refused as %s', (what) => {
    expect(verdict(notAFile(what), kind)).toBe(refused)
  })

  test.skipIf(!isRoot)('that belongs to somebody else is refused (needs root)', () => {
    const path = writeTrusted('file')
    chownSync(path, STRANGER, STRANGER)
    expect(verdict(path, kind)).toBe(refused)
  })
})

/** Path of something that stands where a file should. */
function notAFile(what: string): string {
  if (what === 'device') return '/dev/null'
  if (what === 'fifo') spawnSync('mkfifo', ['-m', '600', scratch(what)])
  if (what === 'directory') makeDirectory(what, 0o700)
  if (what === 'symlink') symlinkSync(writeTrusted('target'), scratch(what))
  if (what === 'dangling') symlinkSync(scratch('nothing'), scratch(what))
  return scratch(what)
}

describe('reading for others', () => {
  test.each(['640', '604', '610', '444'])('is refused of a key: mode %s', (octal) => {
    expect(verdict(writeTrusted('file', Number.parseInt(octal, 8)), 'key')).toBe(
      'ERR_KEY_PERMISSION',
    )
  })

  test('is allowed of a configuration', () => {
    expect(verdict(writeTrusted('file', 0o644), 'config')).toBeUndefined()
  })

  test('is not needed: a key of mode 0400 is trusted', () => {
    expect(verdict(writeTrusted('file', 0o400), 'key')).toBeUndefined()
  })
})

describe('the directories above', () => {
  test.each(['770', '702', '777'])('must not be writable for others: mode %s', (octal) => {
    makeDirectory('above', Number.parseInt(octal, 8))
    mkdirSync(scratch('above', 'near'), { mode: 0o700 })
    expect(verdict(writeTrusted('above/near/file'))).toBe('ERR_STORE_PERMISSION')
  })

  test('may be sticky like /tmp, since what stands in them is ours', () => {
    makeDirectory('shared', 0o1777)
    expect(verdict(writeTrusted('shared/file'), 'key')).toBeUndefined()
    makeDirectory('shared/own', 0o700)
    expect(verdict(writeTrusted('shared/own/file'), 'store')).toBeUndefined()
  })

  test('may not be shared where a database stands: SQLite takes any NAME-wal for its own', () => {
    makeDirectory('shared', 0o1777)
    expect(verdict(writeTrusted('shared/file'), 'store')).toBe('ERR_STORE_PERMISSION')
  })

  test('may be reached through a symlink of ours, and by way of ..', () => {
    makeDirectory('real', 0o700)
    makeDirectory('other', 0o700)
    symlinkSync('real', scratch('relative'))
    symlinkSync(scratch('relative'), scratch('absolute'))
    writeTrusted('real/file')
    expect(verdict(scratch('absolute', 'file'))).toBeUndefined()
    expect(verdict(`${scratch('other')}/../real/./file`)).toBeUndefined()
  })

  test('are looked at behind a symlink as well', () => {
    makeDirectory('open', 0o777)
    mkdirSync(scratch('open', 'real'), { mode: 0o700 })
    symlinkSync(scratch('open', 'real'), scratch('link'))
    writeTrusted('open/real/file')
    expect(verdict(scratch('link', 'file'))).toBe('ERR_STORE_PERMISSION')
  })

  test('are not followed in circles', () => {
    symlinkSync('circle', scratch('circle'))
    expect(verdict(scratch('circle', 'file'))).toBe('ERR_STORE_PERMISSION')
  })

  test.skipIf(!isRoot)('must not belong to somebody else (needs root)', () => {
    chownSync(makeDirectory('foreign', 0o755), STRANGER, STRANGER)
    const path = writeTrusted('foreign/file')
    expect(verdict(path)).toBe('ERR_STORE_PERMISSION')
    expect(verdict(path, 'store', trustedOwners(STRANGER))).toBeUndefined()
  })

  test.skipIf(!isRoot)('must not be reached by a symlink of somebody else (needs root)', () => {
    makeDirectory('real', 0o700)
    makeDirectory('shared', 0o1777)
    writeTrusted('real/file')
    symlinkSync(scratch('real'), scratch('shared', 'link'))
    expect(verdict(scratch('shared', 'link', 'file'))).toBeUndefined()
    lchownSync(scratch('shared', 'link'), STRANGER, STRANGER)
    expect(verdict(scratch('shared', 'link', 'file'))).toBe('ERR_STORE_PERMISSION')
  })
})

describe.each(
  REFUSALS.flatMap(({ kind, refused }) => (kind === 'store' ? [] : [{ kind, refused }])),
)('the directories above a $kind that is read', ({ kind, refused }) => {
  const read = (path: string) =>
    errorCodeOf(() =>
      kind === 'key' ? readTrustedFile(path, kind, 10) : readTrustedFile(path, kind, 10),
    )

  test.each(['770', '702', '777'])('must not be writable for others: mode %s', (octal) => {
    makeDirectory('above', Number.parseInt(octal, 8))
    mkdirSync(scratch('above', 'near'), { mode: 0o700 })
    expect(read(writeTrusted('above/near/file'))).toBe(refused)
    chmodSync(scratch('above'), 0o755)
    expect(read(scratch('above', 'near', 'file'))).toBeUndefined()
  })

  test.skipIf(!isRoot)('must not belong to somebody else (needs root)', () => {
    chownSync(makeDirectory('foreign', 0o755), STRANGER, STRANGER)
    expect(read(writeTrusted('foreign/file'))).toBe(refused)
  })
})

describe('reading a trusted file', () => {
  test('gives its bytes', () => {
    expect(readTrustedFile(writeTrusted('file'), 'key', 32).toString()).toBe('0123456789')
  })

  test('takes a file of exactly the limit, and none beyond it', () => {
    const path = writeTrusted('file')
    expect(readTrustedFile(path, 'config', 10)?.length).toBe(10)
    expect(errorCodeOf(() => readTrustedFile(path, 'config', 9))).toBe('ERR_CONFIG_UNREADABLE')
    expect(errorCodeOf(() => readTrustedFile(path, 'key', 9))).toBe('ERR_KEY_INVALID')
  })

  test('gives nothing for a configuration that is not there: defaults count', () => {
    expect(readTrustedFile(scratch('nothing'), 'config', 10)).toBeUndefined()
    expect(readTrustedFile(scratch('no', 'where'), 'config', 10)).toBeUndefined()
  })

  test('is an error for a key that is not there', () => {
    expect(errorCodeOf(() => readTrustedFile(scratch('no'), 'key', 10))).toBe('ERR_KEY_MISSING')
  })

  test.each([
    'symlink',
    'fifo',
    'directory',
    'device',
    'dangling',
  ])('refuses a %s without waiting, and never takes it for "not there"', (what) => {
    const path = notAFile(what)
    expect(errorCodeOf(() => readTrustedFile(path, 'config', 10))).toBe('ERR_CONFIG_UNREADABLE')
    expect(errorCodeOf(() => readTrustedFile(path, 'key', 10))).toBe('ERR_KEY_PERMISSION')
  })

  test('refuses what others could have written', () => {
    const path = writeTrusted('file', 0o666)
    expect(errorCodeOf(() => readTrustedFile(path, 'key', 10))).toBe('ERR_KEY_PERMISSION')
    expect(errorCodeOf(() => readTrustedFile(path, 'config', 10))).toBe('ERR_CONFIG_UNREADABLE')
  })

  test('refuses a missing configuration in a directory that others can write', () => {
    const path = `${makeDirectory('open', 0o777)}/file`
    expect(errorCodeOf(() => readTrustedFile(path, 'config', 10))).toBe('ERR_CONFIG_UNREADABLE')
  })

  test('shows no escape sequence of a path', () => {
    expect(() => readTrustedFile(scratch('a\x1b[2Jb'), 'key', 10)).toThrow('a\\x1b[2Jb')
  })
})
