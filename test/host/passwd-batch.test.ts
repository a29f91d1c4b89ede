import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findUids } from '../../src/host/passwd-batch.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const ALICE = 'alice:x:1000:1000::/home/alice:/bin/sh'

/** A passwd database of a made-up host; `getent` writes down what it is run with. */
function placesOf({ passwd = `${ALICE}\n`, nsswitch = 'passwd: files ldap\n', getent = 'exit 2' }) {
  writeFileSync(scratch('passwd'), passwd)
  writeFileSync(scratch('nsswitch.conf'), nsswitch)
  const script = `#!/bin/sh\necho "$#" >>${scratch('asked')}\n${getent}\n`
  writeFileSync(scratch('getent'), script, { mode: 0o700 })
  return {
    passwdFile: scratch('passwd'),
    nsswitchFile: scratch('nsswitch.conf'),
    getent: scratch('getent'),
  }
}

const find = (names: readonly string[], host: Parameters<typeof placesOf>[0] = {}) =>
  Object.fromEntries(findUids(names, undefined, placesOf(host)))

describe('the uids of many people', () => {
  test('come from the local file, and of those who are not there from a few runs of getent', () => {
    const strangers = Array.from({ length: 1200 }, (_, index) => `u${index}`)
    const getent = `echo 'u7:x:7007:1::/:/bin/sh'; exit 2`
    const seen: number[] = []
    const uids = findUids(['alice', ...strangers], (done) => seen.push(done), placesOf({ getent }))
    expect(Object.fromEntries(uids)).toEqual({ alice: 1000, u7: 7007 })
    // The database, --, and the names of each run.
    expect(readFileSync(scratch('asked'), 'utf8')).toBe('502\n502\n202\n')
    expect(seen).toEqual([501, 1001, 1201])
  })

  test('are not those of people who have such a uid', () => {
    expect(find(['1000'], { getent: `echo '${ALICE}'` })).toEqual({})
  })

  test('are asked for by getent alone where the file does not come first', () => {
    expect(find(['alice'], { nsswitch: 'passwd: ldap files\n' })).toEqual({})
  })

  test.each(['exit 1', 'kill -9 $$'])('are not guessed where getent fails: %s', (getent) => {
    expect(errorCodeOf(() => void find(['bob'], { getent }))).toBe('ERR_PASSWD_FAILED')
  })
})
