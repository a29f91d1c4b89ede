import { expect, test } from 'vitest'
import { tokenCode } from '../support/app-code.ts'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import type { Otpgate } from '../support/otpgate-host.ts'

/** As ykman and ykpersonalize take it. */
const SECRET_HEX = '00112233445566778899aabbccddeeff00112233'
const pressed = (counter: number) => tokenCode(SECRET_HEX, counter)
const BY_PRESSES = ['--type', 'hotp', '--secret-stdin', '--no-confirm', '--json']

describeOnHost('a token that counts presses', (onHost) => {
  const resync = (otpgate: Otpgate, user: string, counter: number) =>
    otpgate.run(
      ['device', 'resync', user, 'token'],
      `${pressed(counter)}\n${pressed(counter + 1)}\n`,
    )

  test('logs in, each code once, with presses skipped, and not from too far ahead', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    await otpgate.require(['enroll', user.name, '--no-recovery', ...BY_PRESSES], `${SECRET_HEX}\n`)
    expect((await login(user, pressed(0))).ok).toBe(true)
    const replay = await login(user, pressed(0))
    expect(replay.ok).toBe(false)
    expect(replay.messages).toContain('That code was used already. Wait for the next one.')
    expect((await login(user, pressed(6))).ok).toBe(true)
    expect((await login(user, pressed(3))).ok).toBe(false)
    expect((await login(user, pressed(13))).ok).toBe(false)

    expect((await resync(otpgate, user.name, 3)).status).toBe(1)
    expect(await resync(otpgate, user.name, 500)).toMatchObject({ status: 0 })
    expect((await login(user, pressed(501))).ok).toBe(false)
    expect((await login(user, pressed(502))).ok).toBe(true)
    expect(await outlineLogins(otpgate, user.name)).toEqual([
      'accepted hotp',
      'denied code-replayed',
      'accepted hotp',
      'denied code-wrong',
      'denied code-wrong',
      // The one after the resync shares the row of the first.
      'accepted hotp',
    ])
  })

  test('works beside the phone of the same person, until it is removed', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    await otpgate.require(['device', 'add', person.name, ...BY_PRESSES], `${SECRET_HEX}\n`)
    expect((await login(person, pressed(2))).ok).toBe(true)
    await otpgate.require(['device', 'remove', person.name, 'token', '--yes'])
    expect((await login(person, pressed(3))).ok).toBe(false)
  })
})
