import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { findProgramFlaw } from '../../src/host/program-file.ts'
import { canRunWith } from '../support/host-requirement.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const isRoot = canRunWith('tests of owners', [])
const STRANGER = 4242

describe('a program behind a link to the tree in force', () => {
  beforeEach(() => {
    mkdirSync(scratch('otpgate-1.2.3-1'))
    writeFileSync(scratch('otpgate-1.2.3-1/otpgate-verify'), '')
    chmodSync(scratch('otpgate-1.2.3-1/otpgate-verify'), 0o755)
    symlinkSync('otpgate-1.2.3-1', scratch('otpgate'))
  })

  test('is as it should be', () => {
    expect(findProgramFlaw(scratch('otpgate/otpgate-verify'))).toBeUndefined()
  })

  test.skipIf(!isRoot)('is refused where the link is somebody else’s', () => {
    lchownSync(scratch('otpgate'), STRANGER, STRANGER)
    const flaw = `${scratch('otpgate')} belongs to uid ${STRANGER}`
    expect(findProgramFlaw(scratch('otpgate/otpgate-verify'))).toBe(flaw)
  })

  test.skipIf(!isRoot)('is refused where the tree is somebody else’s', () => {
    lchownSync(scratch('otpgate-1.2.3-1'), STRANGER, STRANGER)
    const flaw = `${scratch('otpgate-1.2.3-1')} belongs to uid ${STRANGER}`
    expect(findProgramFlaw(scratch('otpgate/otpgate-verify'))).toBe(flaw)
  })

  test('is refused where others can put another tree in its place', () => {
    chmodSync(scratch('.'), 0o777)
    const flaw = `${scratch('.')} is writable by group or world`
    expect(findProgramFlaw(scratch('otpgate/otpgate-verify'))).toBe(flaw)
  })
})
