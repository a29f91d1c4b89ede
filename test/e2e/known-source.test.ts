import { expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, steadyPeriodSeconds, wrongCodeOf } from '../support/enrolled-person.ts'
import { FROM_ELSEWHERE } from '../support/known-source.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const FREE_FAILURES = 3

describeOnHost(
  'somebody else who has the first factor',
  (onHost) => {
    test('locks out strangers like himself, not the person at a known address', async () => {
      const { enroll, login, otpgate, sshd } = onHost()
      const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
      const { name: user, key, app } = person
      const guess = (count: number) => Array.from({ length: count }, () => wrongCodeOf(app))
      expect((await login(person, codeOf(app, -1))).ok).toBe(true)

      const fromElsewhere = { user, key, options: FROM_ELSEWHERE }
      await loginWithSsh(sshd, { ...fromElsewhere, answers: guess(FREE_FAILURES) })
      const stranger = await loginWithSsh(sshd, { ...fromElsewhere, answers: [codeOf(app)] })
      expect(stranger.ok).toBe(false)
      expect(stranger.messages).toContainEqual(expect.stringMatching(/^Too many wrong codes\./))

      expect((await login(person, codeOf(app))).ok).toBe(true)
      expect(await readFailures(otpgate, user), 'of the stranger').toBe(FREE_FAILURES)
      await login(person, ...guess(FREE_FAILURES))
      const shown: object = JSON.parse(await otpgate.require(['show', user, '--json']))
      expect(shown).toMatchObject({
        known_source_failures: FREE_FAILURES,
        known_source_lock: { kind: 'waiting' },
      })
      expect((await login(person, codeOf(app, 1))).ok).toBe(false)
      const rows = await outlineLogins(otpgate, user)
      expect(rows.filter((row) => row === 'denied code-wrong')).toHaveLength(2 * FREE_FAILURES)

      await otpgate.require(['unlock', user])
      expect((await login(person, codeOf(app, 1))).ok).toBe(true)
    })
  },
  { toml: `[throttle]\nfree_failures = ${FREE_FAILURES}\nfirst_wait = "10m"` },
)
