import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AccountName, Uid } from '../../src/domain/name.ts'
import { createPasswd } from '../../src/host/passwd.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { requireTool } from '../support/run-tool.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

const ALICE = { name: 'alice' as AccountName, uid: 1000 as Uid }
const GID = 54010

/** Lines of group(5) that say the same to everybody, as binary strings. */
const PLAIN = [
  'wheel:x:54010:alice',
  'wheel::54010:bob,alice',
  'wheel:x:54010:alicex,malice',
  'wheel:x:54010:',
  'm\xc3\xbcller:x:54010:m\xc3\xbcller,alice',
  '',
  ' \t',
  '# wheel is gone',
]

/** Lines of which only the C library knows what they say. */
const ODD = [
  'wheel:x:54010:rescue, alice',
  'wheel:x:54010: alice',
  'wheel:x:54010:alice ',
  'wheel:x:54010:\talice',
  'wheel:x:54010:alice\r',
  'wheel:x:54010:,alice,,',
  'wheel:x:54010:bob alice',
  'wheel:x:54010:\xff,alice',
  'wheel:x:54010:alice\0',
  'wheel:x:54010:bob\0,alice',
  'wheel:x: 54010:alice',
  'wheel:x:54010 :alice',
  'wheel:x:+54010:alice',
  'wheel:x:00000054010:alice',
  'wheel:x:0xd2fa:alice',
  'wheel:x:4295021306:alice',
  'wheel:x:54010:bob:alice',
  'wheel:x:54010:alice:bob',
  'wheel:x:54010',
  ' wheel:x:54010:alice',
  'wheel x:x:54010:alice',
  ':x:54010:alice',
  '#wheel:x:54010:alice',
  ' # wheel:x:54010:alice',
  '+wheel:x:54010:alice',
  '+:::alice',
  '-wheel:x:54010:alice',
]

/** A host whose group file has a group of the number and then `line`; `getent` is a shell script. */
function openHost(line: string, getent: string) {
  writeFileSync(scratch('passwd'), 'alice:x:1000:100::/home/alice:/bin/sh\n')
  writeFileSync(scratch('group'), `gate:x:${GID}:\n${line}\nlast:x:1:\n`, 'latin1')
  writeFileSync(scratch('nsswitch.conf'), 'passwd: files\ngroup: files\n')
  writeFileSync(scratch('getent'), `#!/bin/sh\n${getent}\n`, { mode: 0o700 })
  return createPasswd({
    passwdFile: scratch('passwd'),
    groupFile: scratch('group'),
    nsswitchFile: scratch('nsswitch.conf'),
    getent: scratch('getent'),
    timeLimitMilliseconds: 10_000,
  })
}

describe('one line of the group file', () => {
  /** Notes that it was asked, and answers what no file says. */
  const asked = () =>
    `: >${scratch('asked')}; [ $1 = group ] && echo gate:x:${GID}: || echo 'alice ${GID}'`

  test.each(PLAIN)('of the plain form costs no fork: %j', (line) => {
    openHost(line, asked()).findGroups(ALICE, ['gate'])
    expect(existsSync(scratch('asked'))).toBe(false)
  })

  test.each(ODD)('of another form leaves everything to getent: %j', (line) => {
    expect(openHost(line, asked()).findGroups(ALICE, ['gate']).joined).toEqual(['gate'])
    expect(existsSync(scratch('asked'))).toBe(true)
    rmSync(scratch('asked'))
  })
})

describe.skipIf(!canRunEndToEnd())('what a line says', () => {
  /**
   * The getent of this host, to which the files are those of the test. All of /etc: a mount on one file ends
   * as soon as somebody else renames another into its place, as useradd does in other tests.
   */
  const real = () =>
    `exec /usr/bin/unshare --mount --propagation private -- /bin/sh -c '
      /usr/bin/mount --bind "$0" /etc || exit 99
      exec /usr/bin/getent "$@"' '${scratch('.')}' "$@"`

  test.each([...PLAIN, ...ODD])('is what the C library makes of it: %j', (line) => {
    const { joined } = openHost(line, real()).findGroups(ALICE, ['gate'])
    const { stdout } = requireTool(scratch('getent'), ['initgroups', '--', ALICE.name])
    expect(joined.length > 0).toBe(stdout.split(/\s+/).includes(String(GID)))
  })
})
