import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createPasswd, type HostPasswd, type PasswdPlaces } from '../../src/host/passwd.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

const ALICE = 'alice:x:1000:1000:Alice:/home/alice:/bin/bash'
const FILES_FIRST = 'passwd: files sss\ngroup: files sss\n'
/** A getent that would be noticed: no test reaches it where the file is the answer. */
const NO_GETENT = 'exit 99'

interface Host {
  readonly passwd?: string
  readonly group?: string
  /** `undefined`: there is no nsswitch.conf. */
  readonly nsswitch?: string | undefined
  /** Body of a shell script in place of getent. */
  readonly getent?: string
  readonly timeLimitMilliseconds?: number
}

/** A passwd database over the files and the getent of a made-up host. */
function passwdOf(host: Host): HostPasswd {
  const { passwd = '', group = '', getent = NO_GETENT } = host
  const nsswitch = 'nsswitch' in host ? host.nsswitch : FILES_FIRST
  writeFileSync(scratch('passwd'), passwd)
  writeFileSync(scratch('group'), group)
  if (nsswitch !== undefined) writeFileSync(scratch('nsswitch.conf'), nsswitch)
  writeFileSync(scratch('getent'), `#!/bin/sh\n${getent}\n`, { mode: 0o700 })
  const places: Partial<PasswdPlaces> = {
    passwdFile: scratch('passwd'),
    groupFile: scratch('group'),
    nsswitchFile: scratch('nsswitch.conf'),
    getent: scratch('getent'),
    timeLimitMilliseconds: host.timeLimitMilliseconds ?? 10_000,
  }
  return createPasswd(places)
}

describe('a local user', () => {
  test.each([
    { how: 'files comes first', nsswitch: FILES_FIRST },
    { how: 'files stands alone, with a comment', nsswitch: ' passwd:\tfiles# local only\n' },
    { how: 'nsswitch.conf does not speak of passwd', nsswitch: 'hosts: dns\n' },
    { how: 'there is no nsswitch.conf', nsswitch: undefined },
  ])('is read from the file without a fork where $how', ({ nsswitch }) => {
    const passwd = passwdOf({ passwd: `root:x:0:0::/root:/bin/sh\n${ALICE}\n`, nsswitch })
    expect(passwd.findByName('alice')).toEqual({
      name: 'alice',
      uid: 1000,
    })
  })

  test('is asked for elsewhere as well where the time must not tell, and found whatever comes', () => {
    const getent = `: >${scratch('asked')}; exit 3`
    const passwd = passwdOf({ passwd: `${ALICE}\n`, getent })
    expect(passwd.findByName('alice')?.uid).toBe(1000)
    expect(existsSync(scratch('asked'))).toBe(false)
    expect(passwd.findByName('alice', 'evenly')?.uid).toBe(1000)
    expect(existsSync(scratch('asked'))).toBe(true)
  })

  test('is the first of two entries of one name, as for the C library', () => {
    const passwd = passwdOf({ passwd: `${ALICE}\nalice:x:2:2::/:/bin/sh\n` })
    expect(passwd.findByName('alice')?.uid).toBe(1000)
  })

  test('is found on the last line without line end, and with a comment that is not UTF-8', () => {
    const line = Buffer.from('m\u00fcller:x:7:7:M\xfcller:/home/m:/bin/sh', 'utf8')
    const passwd = passwdOf({})
    writeFileSync(
      scratch('passwd'),
      Buffer.concat([Buffer.from('x:x:1:1:\xff:/:/\n', 'latin1'), line]),
    )
    expect(passwd.findByName('m\u00fcller')?.uid).toBe(7)
    expect(passwd.findByName('x')?.uid).toBe(1)
  })

  test('may have a name of digits', () => {
    const passwd = passwdOf({ passwd: '4711:x:1000:1000::/home/4711:/bin/sh\n' })
    expect(passwd.findByName('4711')).toMatchObject({ name: '4711', uid: 1000 })
  })

  test('is never somebody whose name only begins or ends alike', () => {
    const passwd = passwdOf({ passwd: `${ALICE}\n`, getent: 'exit 2' })
    for (const name of ['alic', 'lice', 'Alice', 'alice ', 'x', '']) {
      expect(passwd.findByName(name)).toBeUndefined()
    }
  })
})

describe('getent', () => {
  test.each([
    { how: 'another source comes first', nsswitch: 'passwd: sss files\n' },
    { how: 'an action stands behind files', nsswitch: 'passwd: files [SUCCESS=continue] sss\n' },
    { how: 'there are two lines', nsswitch: 'passwd: files\npasswd: sss\n' },
  ])('is asked also for a local name where $how', ({ nsswitch }) => {
    const passwd = passwdOf({ passwd: `${ALICE}\n`, nsswitch, getent: 'exit 2' })
    expect(passwd.findByName('alice')).toBeUndefined()
  })

  test.each([
    'alice:x:abc:1::/:/',
    ' alice:x:2:2::/:/',
    'bob:x:01:1::/:/',
    'bob:x:1: 1::/:/',
    'bob:x:1:1:/:/',
    '+::::::',
    '#alice:x:2:2::/:/',
    ':x:2:2::/:/',
    'bob:x:4294967295:1::/:/',
  ])('is asked where one line of the file is not of the plain form: %j', (line) => {
    const passwd = passwdOf({
      passwd: `${line}\n${ALICE.replaceAll('1000', '7')}\n`,
      getent: `echo '${ALICE}'`,
    })
    expect(passwd.findByName('alice')?.uid).toBe(1000)
  })

  test('decides about the canonical name', () => {
    const passwd = passwdOf({ getent: `echo '${ALICE}'` })
    expect(passwd.findByName('ALICE')?.name).toBe('alice')
  })

  test('gets a name that looks like an option as a name, in an environment of its own', () => {
    const entry = '"$(env | grep -c ^VITEST=)/$#/$1/$2/$3:x:1:1::/:/bin/sh"'
    const passwd = passwdOf({ getent: `printf '%s\\n' ${entry}` })
    expect(process.env).toHaveProperty('VITEST')
    expect(passwd.findByName('-s')?.name).toBe('0/3/passwd/--/-s')
  })

  test('means nobody where it answers 2', () => {
    expect(passwdOf({ getent: 'exit 2' }).findByName('bob')).toBeUndefined()
  })

  test.each([
    { how: 'fails', getent: 'exit 1' },
    { how: 'cannot enumerate', getent: 'exit 3' },
    { how: 'is killed', getent: 'kill -9 $$' },
    { how: 'says nothing', getent: 'exit 0' },
    { how: 'says nonsense', getent: 'echo hello' },
    { how: 'says too much', getent: `echo '${ALICE}'; echo '${ALICE}'` },
    { how: 'names the uid that means no uid', getent: `echo 'bob:x:4294967295:1::/:/bin/sh'` },
    { how: 'gives a name that is not UTF-8', getent: `printf 'b\\377b:x:1:1::/:/bin/sh\\n'` },
  ])('is an error, not "unknown", where it $how', ({ getent }) => {
    const passwd = passwdOf({ getent })
    expect(errorCodeOf(() => passwd.findByName('bob'))).toBe('ERR_PASSWD_FAILED')
  })

  test('is an error where it is not there', () => {
    const passwd = createPasswd({ nsswitchFile: '/dev/null', getent: scratch('nothing') })
    expect(errorCodeOf(() => passwd.findByName('no-such-user'))).toBe('ERR_PASSWD_FAILED')
  })

  test('is ended at its time limit', () => {
    const passwd = passwdOf({ getent: 'exec sleep 60', timeLimitMilliseconds: 20 })
    expect(errorCodeOf(() => passwd.findByName('bob'))).toBe('ERR_PASSWD_FAILED')
  })

  test.each([
    '',
    'a:b',
    'a\nb',
    'a\0b',
    'x'.repeat(257),
    '\u00fc'.repeat(129),
    '\ud800',
  ])('is not asked for a name nobody can have: %j', (name) => {
    expect(passwdOf({}).findByName(name)).toBeUndefined()
  })

  test('is asked for a name of 256 bytes', () => {
    const passwd = passwdOf({})
    expect(errorCodeOf(() => passwd.findByName('x'.repeat(256)))).toBe('ERR_PASSWD_FAILED')
  })
})

describe('a number typed as a name', () => {
  test.each([
    '1000',
    '01000',
    ' 1000',
    '\t1000',
    '+1000',
    '-1000',
  ])('is not the user of that uid: %j', (name) => {
    expect(passwdOf({ getent: `echo '${ALICE}'` }).findByName(name)).toBeUndefined()
  })

  test('is a user whom the directory calls so', () => {
    const passwd = passwdOf({ getent: `echo '4711:x:1000:1000::/:/bin/sh'` })
    expect(passwd.findByName('4711')?.uid).toBe(1000)
  })

  test.each([
    '0',
    '00',
    ' 0',
    '+0',
    '-0',
  ])('is not root for the getent of this host: %j', (name) => {
    expect(createPasswd().findByName(name)).toBeUndefined()
  })
})

describe('the databases of this host', () => {
  test('know root, by name and by uid, and his group', () => {
    const passwd = createPasswd()
    expect(passwd.findByName('root')).toMatchObject({ name: 'root', uid: 0 })
    expect(passwd.findByUid(0)).toEqual(passwd.findByName('root'))
    expect(passwd.findGroupMembers('root')).toContain('root')
  })

  test('give the same with and without the short cut', () => {
    const asked = createPasswd({ passwdFile: '/dev/null' })
    expect(asked.findByName('root')).toEqual(createPasswd().findByName('root'))
  })

  test('do not know who is not there', () => {
    expect(createPasswd().findByName('otpgate-nobody')).toBeUndefined()
    expect(createPasswd().findByUid(4294967290)).toBeUndefined()
    expect(createPasswd().findGroupMembers('otpgate-nogroup')).toBeUndefined()
  })
})

describe('a group', () => {
  const people = `printf '%s\\n' '${ALICE}' 'bob:x:1001:10::/:/bin/sh' 'broken' 'eve:x:1002:10::/:/'`

  test('has its primary members as well, each name once', () => {
    const passwd = passwdOf({ group: 'wheel:x:10:alice,bob\n', getent: people })
    expect(passwd.findGroupMembers('wheel')).toEqual(['alice', 'bob', 'eve'])
  })

  test('may have no members', () => {
    const passwd = passwdOf({ group: 'empty:x:77:\n', getent: people })
    expect(passwd.findGroupMembers('empty')).toEqual([])
  })

  test('is not found by its number', () => {
    const passwd = passwdOf({ getent: `echo 'wheel:x:10:alice'` })
    expect(passwd.findGroupMembers('10')).toBeUndefined()
  })

  test('that cannot be asked for is an error', () => {
    const passwd = passwdOf({ getent: 'exit 1' })
    expect(errorCodeOf(() => passwd.findGroupMembers('wheel'))).toBe('ERR_PASSWD_FAILED')
  })

  test('is an error where its primary members cannot be found out', () => {
    const passwd = passwdOf({ group: 'wheel:x:10:alice\n', getent: 'exit 1' })
    expect(errorCodeOf(() => passwd.findGroupMembers('wheel'))).toBe('ERR_PASSWD_FAILED')
  })
})
