import { expect, test } from 'vitest'
import { outlineLogins, readFailures, readLogins } from '../support/audit-record.ts'
import { addCodeService, authenticateAtOnce } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  enrollAnew,
  enrollPerson,
  steadyPeriodSeconds,
  wrongCodeOf,
} from '../support/enrolled-person.ts'

const AT_ONCE = 100
/** A hundred logins keep two cores busy for some seconds: more rounds are for a night of their own. */
const ROUNDS = Number(process.env.OTPGATE_TEST_ROUNDS ?? 3)
const GUESSES = 40
const FREE_FAILURES = 5

const OPTIONS = {
  timeoutMs: 600_000,
  // A wait that lasts until all of them are done, on a busy machine too.
  toml: `[throttle]\nfree_failures = ${FREE_FAILURES}\nfirst_wait = "10m"`,
}

describeOnHost(
  'of a hundred logins at the same time',
  (onHost) => {
    test(`exactly one gets in with the same code, ${ROUNDS} times over`, async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const user = host.addUser()
      await enrollPerson(otpgate, user)
      for (let round = 1; round <= ROUNDS; round++) {
        const { app } = await enrollAnew(otpgate, user, { periodSeconds: steadyPeriodSeconds() })
        const answers = Array<string>(AT_ONCE).fill(codeOf(app))
        const results = await authenticateAtOnce(service, user.name, answers)
        expect(
          results.filter(({ ok }) => ok),
          `round ${round}`,
        ).toHaveLength(1)
      }
      const rows = await readLogins(otpgate, user.name)
      expect(rows.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(ROUNDS)
      expect(await readFailures(otpgate, user.name)).toBe(0)
    })

    test(`exactly one gets in with the same recovery code, ${ROUNDS} times over`, async () => {
      const { host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const user = host.addUser()
      await enrollPerson(otpgate, user)
      for (let round = 1; round <= ROUNDS; round++) {
        const fresh = await otpgate.require(['recovery', 'new', user.name, '--yes', '--json'])
        const answers = Array<string>(AT_ONCE).fill(JSON.parse(fresh).recovery_codes[0])
        const results = await authenticateAtOnce(service, user.name, answers)
        expect(
          results.filter(({ ok }) => ok),
          `round ${round}`,
        ).toHaveLength(1)
        await otpgate.require(['unlock', user.name])
      }
      const rows = await outlineLogins(otpgate, user.name)
      expect(rows.filter((row) => row === 'accepted recovery')).toHaveLength(ROUNDS)
    })
  },
  OPTIONS,
)

describeOnHost(
  'of many wrong codes at the same time',
  (onHost) => {
    test('no more are judged than the throttle allows, and a right one stays unused', async () => {
      const { enroll, host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const { name, app } = await enroll({ periodSeconds: steadyPeriodSeconds() })
      const wrong = Array<string>(GUESSES).fill(wrongCodeOf(app))
      const code = codeOf(app)
      const results = await authenticateAtOnce(service, name, [...wrong, ''])
      expect(results.filter(({ ok }) => ok)).toEqual([])
      const rows = await outlineLogins(otpgate, name)
      expect(rows.filter((row) => row === 'denied code-wrong')).toHaveLength(FREE_FAILURES)
      expect(rows).toContain('denied throttled')

      const [during] = await authenticateAtOnce(service, name, [code])
      expect(during?.ok).toBe(false)
      await otpgate.require(['unlock', name])
      const [after] = await authenticateAtOnce(service, name, [code])
      expect(after?.ok).toBe(true)
    })
  },
  OPTIONS,
)
