import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLookAhead } from '../../src/host/passwd-ahead.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

/** alice is local, carol is known to getent alone, which notes what it is asked. */
function openHost(getent = ''): ReturnType<typeof createLookAhead> {
  writeFileSync(scratch('passwd'), 'alice:x:1000:100::/home/alice:/bin/sh\n')
  writeFileSync(scratch('group'), 'staff:x:100:\n')
  writeFileSync(scratch('nsswitch.conf'), 'passwd: files sss\ngroup: files sss\n')
  const script = `#!/bin/sh
echo "$*" >>${scratch('asked')}
${getent}
case "$*" in
  'passwd -- carol') echo 'carol:x:2000:200::/home/carol:/bin/sh' ;;
  'group -- wheel') echo 'wheel:x:10:carol' ;;
  'initgroups -- carol') echo 'carol 10' ;;
  'initgroups -- alice') echo 'alice' ;;
  *) exit 2 ;;
esac
`
  writeFileSync(scratch('getent'), script, { mode: 0o700 })
  return createLookAhead({
    passwdFile: scratch('passwd'),
    groupFile: scratch('group'),
    nsswitchFile: scratch('nsswitch.conf'),
    getent: scratch('getent'),
    timeLimitMilliseconds: 10_000,
  })
}

function asked(): string[] {
  if (!existsSync(scratch('asked'))) return []
  return readFileSync(scratch('asked'), 'utf8').trim().split('\n')
}

describe('looking up ahead', () => {
  test('asks nobody for who is local', async () => {
    const passwd = await openHost()(({ findByName }) => findByName('alice'))
    expect(passwd.findByName('alice')).toEqual({ name: 'alice', uid: 1000 })
    expect(asked()).toEqual([])
  })

  test('asks once for each thing, one after another, and the answers are there', async () => {
    const passwd = await openHost()((ahead) => {
      const entry = ahead.findByName('carol')
      if (entry !== undefined) ahead.findGroups(entry, ['wheel'])
    })
    const entry = passwd.findByName('carol')
    expect(entry).toEqual({ name: 'carol', uid: 2000 })
    expect(entry && passwd.findGroups(entry, ['wheel'])).toEqual({ joined: ['wheel'], missing: [] })
    expect(asked()).toEqual(['passwd -- carol', 'group -- wheel', 'initgroups -- carol'])
  })

  test('lets others go on meanwhile', async () => {
    const order: string[] = []
    const looking = openHost('/usr/bin/sleep 0.2')(({ findByName }) => findByName('carol'))
    setImmediate(() => order.push('another login'))
    await looking
    order.push('carol')
    expect(order).toEqual(['another login', 'carol'])
  })

  test('spends for who is local what it spends for others, where it has to be even', async () => {
    await openHost()(({ findByName }) => findByName('alice', 'evenly'))
    expect(asked()).toEqual(['passwd -- alice'])
  })

  test('keeps a failure as it is: it stops the login, not the look-up', async () => {
    const passwd = await openHost('exit 1')(({ findByName }) => findByName('carol'))
    expect(errorCodeOf(() => passwd.findByName('carol'))).toBe('ERR_PASSWD_FAILED')
  })

  test('knows nothing of an earlier login, and sees a change of a file', async () => {
    const look = openHost()
    await look(({ findByName }) => findByName('carol'))
    await look(({ findByName }) => findByName('carol'))
    expect(asked()).toEqual(['passwd -- carol', 'passwd -- carol'])
    writeFileSync(scratch('passwd'), 'alice:x:1001:100::/home/alice:/bin/sh\n')
    const passwd = await look(({ findByName }) => findByName('alice'))
    expect(passwd.findByName('alice')).toMatchObject({ uid: 1001 })
  })
})
