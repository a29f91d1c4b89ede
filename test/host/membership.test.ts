import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AccountName, Uid } from '../../src/domain/name.ts'
import { createPasswd } from '../../src/host/passwd.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

const GROUPS = ['staff:x:100:', 'wheel:x:10:bob,alice', 'adm:x:4:bob', 'alias:x:10:'].join('\n')
const FILES_ALONE = 'passwd: files\ngroup: files # nothing else\n'
const WITH_OTHERS = 'passwd: files\ngroup: files systemd\n'

interface Host {
  readonly nsswitch?: string
  readonly group?: string
  /** Body of a shell script in place of getent; it would be noticed where it is not told of. */
  readonly getent?: string
}

/** How alice, whose primary group is 100, stands to these groups. */
function findGroups(among: readonly string[], host: Host, name = 'alice') {
  const { nsswitch = FILES_ALONE, group = GROUPS, getent = 'exit 99' } = host
  writeFileSync(scratch('passwd'), 'alice:x:1000:100::/home/alice:/bin/sh\n')
  writeFileSync(scratch('group'), `${group}\n`)
  writeFileSync(scratch('nsswitch.conf'), nsswitch)
  writeFileSync(scratch('getent'), `#!/bin/sh\n${getent}\n`, { mode: 0o700 })
  const passwd = createPasswd({
    passwdFile: scratch('passwd'),
    groupFile: scratch('group'),
    nsswitchFile: scratch('nsswitch.conf'),
    getent: scratch('getent'),
    timeLimitMilliseconds: 10_000,
  })
  return passwd.findGroups({ name: name as AccountName, uid: 1000 as Uid }, among)
}

describe('the groups of somebody', () => {
  test.each([
    FILES_ALONE,
    'passwd: files\n',
    'passwd: files\ngroup: files\ninitgroups: files\n',
  ])('are read from the file without a fork where %j makes it the answer', (nsswitch) => {
    expect(findGroups(['wheel', 'staff', 'adm'], { nsswitch })).toEqual({
      joined: ['wheel', 'staff'],
      missing: [],
    })
  })

  test('are a matter of numbers: a second name for one of them counts', () => {
    expect(findGroups(['alias'], {}).joined).toEqual(['alias'])
  })

  test('are not looked up at all where no rule names one', () => {
    expect(findGroups([], { nsswitch: WITH_OTHERS })).toEqual({ joined: [], missing: [] })
  })

  test('come from all sources together where there is more than the file', () => {
    const getent = `[ "$*" = "initgroups -- alice" ] && echo 'alice                 10 4'`
    const found = findGroups(['wheel', 'adm', 'staff'], { nsswitch: WITH_OTHERS, getent })
    expect(found.joined).toEqual(['wheel', 'adm', 'staff'])
  })

  test('are those of initgroups where nsswitch.conf has a line for it', () => {
    const nsswitch = `${FILES_ALONE}initgroups: sss\n`
    const getent = `[ "$1" = initgroups ] && echo 'alice                 4'`
    expect(findGroups(['adm', 'wheel'], { nsswitch, getent }).joined).toEqual(['adm'])
  })

  test('may be none', () => {
    const host = { nsswitch: WITH_OTHERS, group: 'wheel:x:10:bob', getent: `echo 'alice   '` }
    expect(findGroups(['wheel'], host).joined).toEqual([])
  })

  test('that are not there are told apart from those one is not in', () => {
    const found = findGroups(['adm', 'gone'], { getent: 'exit 2' })
    expect(found).toEqual({ joined: [], missing: ['gone'] })
  })
})

describe('a look-up that fails is an error, never "not a member",', () => {
  test.each([
    ['getent fails', 'exit 1'],
    ['getent does not know the database', 'exit 3'],
    ['getent is killed', 'kill -9 $$'],
    ['nothing is said', 'exit 0'],
    ['nonsense is said', 'echo alice wheel'],
    ['somebody else is meant', `echo 'bob 10'`],
    ['too much is said', `echo 'alice 10'; echo 'alice 10'`],
  ])('where %s', (_what, getent) => {
    const look = () => findGroups(['wheel'], { nsswitch: WITH_OTHERS, getent })
    expect(errorCodeOf(look)).toBe('ERR_PASSWD_FAILED')
  })

  test.each([
    'files sss',
    'files [SUCCESS=merge] sss',
    'files systemd',
  ])('where less is said than the file gives, which comes first in %j', (sources) => {
    const getent = `echo 'alice                 4'`
    const nsswitch = `passwd: files\ngroup: ${sources}\n`
    const look = () => findGroups(['wheel'], { nsswitch, getent })
    expect(errorCodeOf(look)).toBe('ERR_PASSWD_FAILED')
  })

  test('where the group itself cannot be asked for', () => {
    const look = () => findGroups(['elsewhere'], { nsswitch: WITH_OTHERS, getent: 'exit 1' })
    expect(errorCodeOf(look)).toBe('ERR_PASSWD_FAILED')
  })

  test('where the person is gone by then', () => {
    const look = () => findGroups(['wheel'], { getent: 'exit 2' }, 'eve')
    expect(errorCodeOf(look)).toBe('ERR_PASSWD_FAILED')
  })
})

describe('a group of the local file', () => {
  const mayMiss = (sources: string, group: string, lines = GROUPS) => {
    writeFileSync(scratch('group'), lines)
    writeFileSync(scratch('nsswitch.conf'), sources)
    const places = { groupFile: scratch('group'), nsswitchFile: scratch('nsswitch.conf') }
    return createPasswd(places).mayMissMembers(group)
  }

  test.each([
    ['', false],
    ['group: files', false],
    ['group: files [SUCCESS=merge] systemd', false],
    ['group: files sss\ninitgroups: files', false],
    ['group: files sss', true],
    ['group: compat', true],
    ['group: files\ninitgroups: files ldap', true],
    ['group: files\ngroup: files', true],
  ])('may miss members that another source has: %j: %j', (sources, expected) => {
    expect(mayMiss(sources, 'wheel')).toBe(expected)
    expect(mayMiss(sources, 'elsewhere')).toBe(false)
  })

  test('may do so, too, where the file cannot be judged', () => {
    expect(mayMiss('group: files sss', 'wheel', `${GROUPS}\n wheel:x:11:`)).toBe(true)
  })
})

test('the databases of this host know the groups of root', () => {
  const root = { name: 'root' as AccountName, uid: 0 as Uid }
  expect(createPasswd().findGroups(root, ['root', 'tty', 'otpgate-nogroup'])).toEqual({
    joined: ['root'],
    missing: ['otpgate-nogroup'],
  })
})
