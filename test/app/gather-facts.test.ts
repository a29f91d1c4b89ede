import { describe, expect, test } from 'vitest'
import { gatherFacts, isSsh, type LoginRequest } from '../../src/app/gather-facts.ts'
import type { Passwd } from '../../src/app/ports.ts'
import { hashConnection } from '../../src/domain/ticket.ts'
import { ALICE, ALICE_UID } from '../support/account-fixture.ts'
import { createTestPorts } from '../support/app-fixture.ts'
import { buildPolicy, buildRequest, SSH_CONNECTION } from '../support/login-fixture.ts'

const { passwd } = createTestPorts()
const gather = (request: LoginRequest, from: Passwd = passwd) =>
  gatherFacts(from, buildPolicy(), request)

describe('the facts of a login', () => {
  test('name the person as the passwd database does', () => {
    const named = { ...passwd, findByName: () => passwd.findByName('alice') }
    expect(gather(buildRequest({ user: 'DOM\\alice' }), named)).toMatchObject({
      name: ALICE,
      uid: ALICE_UID,
    })
    expect(gather(buildRequest({ user: 'alice ' }))).toBeUndefined()
  })

  test('hold the connection and the first factor that sshd proved', () => {
    expect(gather(buildRequest())).toMatchObject({
      service: 'sshd',
      isSsh: true,
      address: '192.0.2.7',
      connection: hashConnection(SSH_CONNECTION),
      firstFactor: { method: 'publickey' },
    })
  })

  test('take the address from the connection, since the host may be given as a name', () => {
    const request = buildRequest({ remoteHost: 'host.example' })
    expect(gather(request)?.address).toBe('192.0.2.7')
    const lying = buildRequest({ remoteHost: '198.51.100.1' })
    expect(gather(lying)?.address).toBe('192.0.2.7')
  })

  test('have no connection to bind a ticket to where sshd does not know the client', () => {
    const unknown = buildRequest({ sshConnection: 'UNKNOWN 65535 UNKNOWN 65535' })
    const facts = gather(unknown)
    expect(facts).toMatchObject({ isSsh: true, connection: undefined, address: undefined })
  })

  test('have no address where there is a name only', () => {
    const request = buildRequest({ sshConnection: undefined, remoteHost: 'host.example' })
    expect(gather(request)?.address).toBeUndefined()
    const unknown = buildRequest({ sshConnection: 'UNKNOWN 65535 UNKNOWN 65535' })
    expect(gather(unknown)?.address).toBeUndefined()
  })

  test('take the address from PAM where there is no connection', () => {
    const request = buildRequest({ sshConnection: undefined, remoteHost: '2001:DB8::7' })
    expect(gather(request)).toMatchObject({
      address: '2001:db8::7',
      connection: undefined,
    })
  })
})

describe('the passwd database', () => {
  /** How it is asked for the person: the time of an even answer does not tell whether there is one. */
  function mannerOf(request: LoginRequest): string | undefined {
    const manners: (string | undefined)[] = []
    const noting: Passwd = {
      ...passwd,
      findByName: (name, manner) => {
        manners.push(manner)
        return passwd.findByName(name)
      },
    }
    gather(request, noting)
    expect(manners).toHaveLength(1)
    return manners[0]
  }

  test('is asked evenly for a stranger, whether there is such a person or not', () => {
    for (const user of ['alice', 'mallory']) {
      for (const authInfo of [undefined, '', 'keyboard-interactive/pam\n']) {
        expect(mannerOf(buildRequest({ user, authInfo }))).toBe('evenly')
      }
    }
  })

  test('is asked quickly behind a first factor, and for whoever is on the host already', () => {
    expect(mannerOf(buildRequest())).toBe('quickly')
    const local = buildRequest({ tty: '/dev/pts/0', sshConnection: undefined, authInfo: undefined })
    expect(mannerOf(local)).toBe('quickly')
  })
})

describe('an SSH login', () => {
  test('is known by its terminal or its connection, whatever the service is called', () => {
    expect(isSsh({ tty: 'ssh', sshConnection: undefined })).toBe(true)
    expect(isSsh({ tty: '/dev/pts/0', sshConnection: SSH_CONNECTION })).toBe(true)
    expect(isSsh({ tty: undefined, sshConnection: '' })).toBe(true)
    expect(isSsh({ tty: '/dev/pts/0', sshConnection: undefined })).toBe(false)
    expect(isSsh({ tty: undefined, sshConnection: undefined })).toBe(false)
  })
})
