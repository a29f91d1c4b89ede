import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createPasswordCheck } from '../../src/host/unix-chkpwd.ts'
import { toAccountName } from '../support/account-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { requireTool } from '../support/run-tool.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { openThrowawayHost } from '../support/throwaway-host.ts'

const scratch = useScratchDirectory()
const ALICE = toAccountName('alice')
const PASSWORD = Buffer.from('correct horse')

/** A check by a shell script in the place of unix_chkpwd. */
function checkBy(script: string, timeLimitMilliseconds = 10_000) {
  writeFileSync(scratch('unix_chkpwd'), `#!/bin/sh\n${script}\n`, { mode: 0o700 })
  return createPasswordCheck([scratch('nothing'), scratch('unix_chkpwd')], timeLimitMilliseconds)
}

describe('a check of a password', () => {
  test('hands name and password to the program as pam_unix does', () => {
    const check = checkBy(
      `cat >${scratch('in')}; echo "$@" >${scratch('arguments')}; env >${scratch('env')}`,
    )
    expect(check.isRight(ALICE, PASSWORD)).toBe(true)
    expect(readFileSync(scratch('in'), 'latin1')).toBe('correct horse\0')
    expect(readFileSync(scratch('arguments'), 'latin1')).toBe('alice nonull\n')
    expect(readFileSync(scratch('env'), 'latin1')).toMatch(/^(?:PWD=.*\n)?$/)
  })

  test('takes 7 for wrong, and whatever else comes for an error', () => {
    expect(checkBy('cat >/dev/null; exit 7').isRight(ALICE, PASSWORD)).toBe(false)
    for (const script of [
      'cat; exit 1',
      'cat; exit 9',
      'cat; exit 10',
      'kill -KILL $$',
      'kill -SEGV $$',
    ]) {
      const check = checkBy(script)
      expect(errorCodeOf(() => check.isRight(ALICE, PASSWORD))).toBe('ERR_PASSWORD_CHECK_FAILED')
    }
  })

  test('fails where the program does not come to an end, or is not there', () => {
    const slow = checkBy('exec sleep 60', 100)
    expect(errorCodeOf(() => slow.isRight(ALICE, PASSWORD))).toBe('ERR_PASSWORD_CHECK_FAILED')
    const none = createPasswordCheck([scratch('nothing')])
    expect(errorCodeOf(() => none.isRight(ALICE, PASSWORD))).toBe('ERR_PASSWORD_CHECK_FAILED')
  })

  test('runs the program for nobody, and never says yes', () => {
    const check = checkBy(`: >${scratch('ran')}; exit 0`)
    expect(check.isRight(undefined, PASSWORD)).toBe(false)
    expect(existsSync(scratch('ran'))).toBe(true)
  })
})

describe.skipIf(!canRunEndToEnd())('the real unix_chkpwd', () => {
  test('knows right from wrong, and takes nothing for a locked or an empty password', () => {
    const host = openThrowawayHost()
    try {
      const name = toAccountName(host.addUser({ password: 'correct horse' }).name)
      const check = createPasswordCheck()
      const isRight = (text: string) => check.isRight(name, Buffer.from(text))
      expect(isRight('correct horse')).toBe(true)
      expect(['correct', 'correct horse ', '', '\n'].filter(isRight)).toEqual([])
      expect(check.isRight(undefined, PASSWORD)).toBe(false)
      requireTool('usermod', ['--lock', name])
      expect(isRight('correct horse')).toBe(false)
      requireTool('passwd', ['--delete', name])
      expect(['', 'correct horse'].filter(isRight)).toEqual([])
    } finally {
      host.close()
    }
  })
})
