import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { codeAt, type EnrolledPerson, enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { type MovedClock, moveClockOf } from '../support/moved-clock.ts'
import { type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import type { PrivateSshd } from '../support/private-sshd.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const SLOW_TEST_MS = 120_000
const PERIOD_SECONDS = 30
const DAY_SECONDS = 86_400

describe.skipIf(!canRunEndToEnd())('a clock that is off', { timeout: SLOW_TEST_MS }, () => {
  let host: OtpgateHost
  let clock: MovedClock
  let sshd: PrivateSshd

  beforeAll(async () => {
    host = openOtpgateHost()
    clock = moveClockOf(host, await host.install())
    sshd = await startShippedSshd(host, clock.otpgate)
  }, SLOW_TEST_MS)

  afterAll(() => host?.close())

  const enroll = () => enrollPerson(clock.otpgate, host.addUser())
  /** A login with what a phone shows whose clock is so many seconds ahead. */
  const login = ({ name, key, app }: EnrolledPerson, ahead: number) =>
    loginWithSsh(sshd, { user: name, key, answers: [codeAt(app, clock.now() + ahead)] })
  const resync = ({ name, app }: EnrolledPerson, ahead: number) => {
    const codes = [ahead - PERIOD_SECONDS, ahead].map((by) => codeAt(app, clock.now() + by))
    return clock.otpgate.run(['device', 'resync', name, 'phone'], `${codes.join('\n')}\n`)
  }
  const readDrift = async ({ name }: EnrolledPerson): Promise<number> => {
    const [device] = JSON.parse(await clock.otpgate.require(['device', 'list', name, '--json']))
    return device.drift
  }

  test('of a phone 50 s ahead is learnt by three logins, and then it has room', async () => {
    const person = await enroll()
    // Early in a step the phone is one step ahead, late in it two; a slow login has time to be judged.
    clock.moveIntoStep(PERIOD_SECONDS, 12)
    expect((await login(person, 50)).ok).toBe(false)
    for (let logins = 0; logins < 3; logins++) {
      clock.moveIntoStep(PERIOD_SECONDS, 2)
      expect((await login(person, 50)).ok).toBe(true)
    }
    expect(await readDrift(person)).toBe(18)
    clock.moveIntoStep(PERIOD_SECONDS, 12)
    expect((await login(person, 50)).ok).toBe(true)
    // Put right it is not turned away; the window was moved, not widened.
    clock.moveIntoStep(PERIOD_SECONDS, 92)
    expect((await login(person, 0)).ok).toBe(true)
    clock.moveIntoStep(PERIOD_SECONDS, 92)
    expect((await login(person, -PERIOD_SECONDS)).ok).toBe(false)
  })

  test('a minute is followed after a resync by two codes, which lets nobody in', async () => {
    const person = await enroll()
    clock.moveIntoStep(PERIOD_SECONDS, 2)
    expect((await login(person, -60)).ok).toBe(false)
    const { status, stderr } = await resync(person, -60)
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('about 1 minute behind the clock of this host'),
    })
    expect((await login(person, -60)).messages).toContain(
      'That code was used already. Wait for the next one.',
    )
    clock.moveIntoStep(PERIOD_SECONDS, 2)
    expect((await login(person, -60)).ok).toBe(true)
    expect(await outlineLogins(clock.otpgate, person.name)).toEqual([
      'denied code-wrong',
      'denied code-replayed',
      'accepted totp',
    ])
  })

  test('twenty minutes are said, and nothing is changed or charged', async () => {
    const person = await enroll()
    const { status, stderr } = await resync(person, 1200)
    expect(status).toBe(1)
    expect(stderr).toMatch(/about (?:20|19) minutes.* ahead of the clock of this host/)
    expect(await readDrift(person)).toBe(0)
    expect(await readFailures(clock.otpgate, person.name)).toBe(0)
  })

  test('of the host, a day ahead once, is got over by a resync', async () => {
    const person = await enroll()
    clock.move(DAY_SECONDS)
    expect((await login(person, 0)).ok).toBe(true)
    clock.move(0)
    clock.moveIntoStep(PERIOD_SECONDS, 2)
    expect((await login(person, 0)).messages).toContain(
      'The clock of this host is behind. Ask your administrator.',
    )
    const { status, stderr } = await resync(person, 0)
    expect(status).toBe(0)
    expect(stderr).toContain('Its newest accepted code lay in the future: that is put right.')
    expect((await login(person, 0)).ok).toBe(false)
    clock.moveIntoStep(PERIOD_SECONDS, 2)
    expect((await login(person, 0)).ok).toBe(true)
  })
})
