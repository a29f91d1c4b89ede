import { expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  createApp,
  enrollOptions,
  steadyPeriodSeconds,
} from '../support/enrolled-person.ts'

const USED_ALREADY = 'That code was used already. Wait for the next one.'

describeOnHost('a code', (onHost) => {
  test('is accepted once, and its second use is no guess', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
    const code = codeOf(person.app)
    expect((await login(person, code)).ok).toBe(true)
    const replay = await login(person, code)
    expect(replay.ok).toBe(false)
    expect(replay.messages).toContain(USED_ALREADY)
    const expected = ['accepted totp', 'denied code-replayed']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
    expect(await readFailures(otpgate, person.name)).toBe(0)
  })

  test('is refused after a newer one was accepted', async () => {
    const { enroll, login } = onHost()
    const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
    const [older, newer] = [codeOf(person.app), codeOf(person.app, 1)]
    expect((await login(person, newer)).ok).toBe(true)
    const late = await login(person, older)
    expect(late.ok).toBe(false)
    expect(late.messages).toContain(USED_ALREADY)
  })

  test('that confirmed the enrolment is refused at login, the next one is not', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    const app = createApp({ periodSeconds: steadyPeriodSeconds() })
    const code = codeOf(app)
    const input = `${app.secretBase32}\n${code}\n`
    await otpgate.require(['enroll', user.name, ...enrollOptions(app), '--json'], input)
    expect((await login(user, code)).messages).toContain(USED_ALREADY)
    expect((await login(user, codeOf(app, 1))).ok).toBe(true)
  })

  test('of a device that nobody confirmed does not count', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    const app = createApp({ periodSeconds: steadyPeriodSeconds() })
    const enroll = ['enroll', user.name, ...enrollOptions(app), '--json']
    expect((await otpgate.run(enroll, `${app.secretBase32}\n`)).status).toBe(1)
    expect((await login(user, codeOf(app))).ok).toBe(false)
    await otpgate.require(['confirm', user.name, '--no-recovery'], `${codeOf(app)}\n`)
    expect((await login(user, codeOf(app, 1))).ok).toBe(true)
  })
})
