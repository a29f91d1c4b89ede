import { describe, expect, test } from 'vitest'
import { addSeconds, HOUR_SECONDS } from '../../src/base/time.ts'
import { findTicket, hashConnection, issueTicket } from '../../src/domain/ticket.ts'
import { NOW } from '../support/account-fixture.ts'
import { SSH_CONNECTION } from '../support/login-fixture.ts'

const HERE = hashConnection(SSH_CONNECTION)
const OTHER_PORT = hashConnection('192.0.2.7 50001 192.0.2.1 22')
const ticket = issueTicket(HERE, { method: 'totp', provesFirstFactor: false }, NOW)

describe('a ticket', () => {
  test('is bound to addresses and ports, and does not show them', () => {
    expect(HERE).toMatch(/^[0-9a-f]{64}$/)
    expect(hashConnection(SSH_CONNECTION)).toBe(HERE)
    expect(OTHER_PORT).not.toBe(HERE)
  })

  test('is found for its own connection only', () => {
    expect(findTicket([ticket], HERE, NOW)).toBe(ticket)
    expect(findTicket([ticket], OTHER_PORT, NOW)).toBeUndefined()
    expect(findTicket([ticket], undefined, NOW)).toBeUndefined()
    expect(
      findTicket(
        [issueTicket(OTHER_PORT, { method: 'totp', provesFirstFactor: false }, NOW), ticket],
        HERE,
        NOW,
      ),
    ).toBe(ticket)
    expect(findTicket([], HERE, NOW)).toBeUndefined()
  })

  test('outlives the 120 s that sshd allows a login, and not much more', () => {
    expect(findTicket([ticket], HERE, addSeconds(NOW, 120))).toBe(ticket)
    expect(findTicket([ticket], HERE, addSeconds(NOW, 149))).toBe(ticket)
    expect(findTicket([ticket], HERE, addSeconds(NOW, 150))).toBeUndefined()
  })

  test('outlives a clock that steps back by a moment', () => {
    expect(findTicket([ticket], HERE, addSeconds(NOW, -1))).toBe(ticket)
  })

  test('does not come to life again when the clock is set back', () => {
    expect(findTicket([ticket], HERE, addSeconds(NOW, -11))).toBeUndefined()
    expect(findTicket([ticket], HERE, addSeconds(NOW, -HOUR_SECONDS))).toBeUndefined()
  })
})
