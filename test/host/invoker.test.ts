import { describe, expect, test } from 'vitest'
import type { PasswdEntry } from '../../src/app/ports.ts'
import { identifyInvoker } from '../../src/host/invoker.ts'
import { ALICE_UID, toAccountName, toUid } from '../support/account-fixture.ts'
import { ALICE_ENTRY } from '../support/app-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'

const ENTRIES: readonly PasswdEntry[] = [
  ALICE_ENTRY,
  { name: toAccountName('bob'), uid: toUid(1001) },
  { name: toAccountName('toor'), uid: toUid(0) },
]
/** A directory may know people by more than one spelling. */
const PASSWD = {
  findByName: (name: string) => ENTRIES.find((entry) => entry.name === name.toLowerCase()),
}

describe('the person whom sudo runs a command for', () => {
  test('is whom SUDO_USER and SUDO_UID both name, as the passwd database spells it', () => {
    const environment = { SUDO_USER: 'Alice', SUDO_UID: String(ALICE_UID) }
    expect(identifyInvoker(PASSWD, environment)).toEqual(ALICE_ENTRY)
  })

  test.each([
    ['there is neither', {}],
    ['there is no uid', { SUDO_USER: 'alice' }],
    ['there is no name', { SUDO_UID: '1000' }],
    ['both are empty', { SUDO_USER: '', SUDO_UID: '' }],
    ['the uid is of somebody else', { SUDO_USER: 'alice', SUDO_UID: '1001' }],
    ['the name is of somebody else', { SUDO_USER: 'bob', SUDO_UID: '1000' }],
    ['nobody has the name', { SUDO_USER: 'carol', SUDO_UID: '1000' }],
    ['root is named', { SUDO_USER: 'root', SUDO_UID: '0' }],
    ['the uid alone is of root', { SUDO_USER: 'alice', SUDO_UID: '0' }],
    ['the name has the uid of root', { SUDO_USER: 'toor', SUDO_UID: '0' }],
    ['the name is of root, the uid is not', { SUDO_USER: 'toor', SUDO_UID: '1000' }],
    ['the uid is a name', { SUDO_USER: 'alice', SUDO_UID: 'alice' }],
    ['the uid has letters', { SUDO_USER: 'alice', SUDO_UID: '1000x' }],
    ['the uid has blanks', { SUDO_USER: 'alice', SUDO_UID: ' 1000' }],
    ['the uid has a sign', { SUDO_USER: 'alice', SUDO_UID: '+1000' }],
    ['the uid has a leading zero', { SUDO_USER: 'alice', SUDO_UID: '01000' }],
    ['the uid is hexadecimal', { SUDO_USER: 'alice', SUDO_UID: '0x3e8' }],
    ['the uid has an exponent', { SUDO_USER: 'alice', SUDO_UID: '1e3' }],
    ['the uid is the same modulo 2^32', { SUDO_USER: 'alice', SUDO_UID: '4294968296' }],
    ['the uid is endless', { SUDO_USER: 'alice', SUDO_UID: '1'.repeat(400) }],
  ])('is nobody where %s', (_, environment) => {
    expect(errorCodeOf(() => identifyInvoker(PASSWD, environment))).toBe('ERR_NOT_PERMITTED')
  })

  test('is not guessed where the passwd database cannot be asked', () => {
    const findByName = () => {
      throw new Error('LDAP is down')
    }
    const environment = { SUDO_USER: 'alice', SUDO_UID: '1000' }
    expect(() => identifyInvoker({ findByName }, environment)).toThrow('LDAP is down')
  })
})
