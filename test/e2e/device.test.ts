import { expect, test } from 'vitest'
import { outlineLogins, readFailures, readLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, createApp, steadyPeriodSeconds, wrongCodeOf } from '../support/enrolled-person.ts'
import { addSecondDevice } from '../support/second-device.ts'

describeOnHost('a person with two devices', (onHost) => {
  test('logs in with either, each used up by itself', async () => {
    const { enroll, login, otpgate } = onHost()
    const periodSeconds = steadyPeriodSeconds()
    const person = await enroll({ periodSeconds })
    const tablet = createApp({ periodSeconds })
    await addSecondDevice(otpgate, person, tablet, 'tablet')
    expect((await login(person, codeOf(tablet))).ok).toBe(true)
    expect((await login(person, codeOf(tablet))).ok).toBe(false)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
    const accepted = (await readLogins(otpgate, person.name)).filter(
      ({ outcome }) => outcome === 'accepted',
    )
    expect(accepted.map(({ device }) => device)).toEqual(['tablet', 'phone'])
  })

  test('is charged once for a code that is wrong on both', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    await addSecondDevice(otpgate, person, createApp(), 'tablet')
    expect((await login(person, wrongCodeOf(person.app))).ok).toBe(false)
    expect(await outlineLogins(otpgate, person.name)).toEqual(['denied code-wrong'])
    expect(await readFailures(otpgate, person.name)).toBe(1)
  })
})

describeOnHost('a device', (onHost) => {
  test.each([
    { algorithm: 'SHA512', digits: 8, periodSeconds: 60 },
    { algorithm: 'SHA256', digits: 7, periodSeconds: 120 },
  ] as const)('of $digits digits, $algorithm and $periodSeconds s works', async (settings) => {
    const { enroll, login } = onHost()
    const person = await enroll(settings)
    const sameSecret = { ...person.app, algorithm: 'SHA1', digits: 6 } as const
    expect((await login(person, codeOf(sameSecret))).ok).toBe(false)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
  })
})
