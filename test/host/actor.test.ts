import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { PasswdEntry } from '../../src/app/ports.ts'
import { AppError } from '../../src/base/errors.ts'
import { type ActorFacts, describeActor, readActorFacts } from '../../src/host/actor.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const NOBODY: ActorFacts = { loginUid: undefined, environment: {}, uid: 0 }

const passwd = {
  findByUid(uid: number): PasswdEntry | undefined {
    const name = { 0: 'root', 1000: 'alice', 1001: 'e\x1bve' }[uid]
    return name === undefined ? undefined : ({ name, uid } as PasswdEntry)
  },
}

describe('the actor', () => {
  test('is who logged in, whatever sudo says', () => {
    const environment = { SUDO_USER: 'mallory', SUDO_UID: '666' }
    expect(describeActor(passwd, { ...NOBODY, loginUid: 1000, environment })).toBe('alice')
  })

  test('is whom sudo names where no login is known, marked as claimed', () => {
    const environment = { SUDO_USER: 'bob', SUDO_UID: '1002' }
    expect(describeActor(passwd, { ...NOBODY, environment })).toBe('claimed:bob')
    expect(describeActor(passwd, { ...NOBODY, environment: { SUDO_UID: '1002' } })).toBe(
      'claimed:uid 1002',
    )
  })

  test('is else the user that the command runs as', () => {
    expect(describeActor(passwd, NOBODY)).toBe('root')
    expect(describeActor(passwd, { ...NOBODY, environment: { SUDO_USER: '' } })).toBe('root')
  })

  test('is a number where nobody knows the name, or it cannot be asked for', () => {
    expect(describeActor(passwd, { ...NOBODY, loginUid: 77 })).toBe('uid 77')
    const broken = {
      findByUid: () => {
        throw new AppError('ERR_PASSWD_FAILED', 'down')
      },
    }
    expect(describeActor(broken, { ...NOBODY, loginUid: 77 })).toBe('uid 77')
  })

  test('is printable, wherever the name comes from', () => {
    const environment = { SUDO_USER: 'bob\n\x1b[2J' }
    expect(describeActor(passwd, { ...NOBODY, environment })).toBe('claimed:bob\\x0a\\x1b[2J')
    expect(describeActor(passwd, { ...NOBODY, loginUid: 1001 })).toBe('e\\x1bve')
  })
})

describe('the login uid', () => {
  test.each([
    { content: '1000', loginUid: 1000 },
    { content: '0\n', loginUid: 0 },
    { content: '4294967295', loginUid: undefined },
    { content: '', loginUid: undefined },
    { content: '-1', loginUid: undefined },
  ])('is read from the kernel: $content', ({ content, loginUid }) => {
    writeFileSync(scratch('loginuid'), content)
    expect(readActorFacts(scratch('loginuid')).loginUid).toBe(loginUid)
  })

  test('is unset on a kernel that does not keep it', () => {
    expect(readActorFacts(scratch('nothing')).loginUid).toBeUndefined()
  })
})
