import { expect, test } from 'vitest'
import { readFailures } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, steadyPeriodSeconds } from '../support/enrolled-person.ts'

describeOnHost('with a window of one step', (onHost) => {
  test.each([-1, 0, 1])('a code is accepted %i steps from now', async (steps) => {
    const { enroll, login } = onHost()
    const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
    expect((await login(person, codeOf(person.app, steps))).ok).toBe(true)
  })

  test.each([-2, 2])('a code is refused and charged %i steps from now', async (steps) => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
    const result = await login(person, codeOf(person.app, steps))
    expect(result.ok).toBe(false)
    expect(result.messages).toContain('That code is not right.')
    expect(await readFailures(otpgate, person.name)).toBe(1)
  })

  test('codes of the previous, this and the next step are accepted one after another', async () => {
    const { enroll, login } = onHost()
    const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
    for (const steps of [-1, 0, 1]) {
      expect((await login(person, codeOf(person.app, steps))).ok).toBe(true)
    }
  })
})

describeOnHost(
  'with a window of no step',
  (onHost) => {
    test.each([-1, 1])('a code is refused %i steps from now', async (steps) => {
      const { enroll, login } = onHost()
      const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
      expect((await login(person, codeOf(person.app, steps))).ok).toBe(false)
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
    })
  },
  { toml: '[totp]\nwindow = 0' },
)
