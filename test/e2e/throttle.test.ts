import { expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  type EnrolledPerson,
  steadyPeriodSeconds,
  wrongCodeOf,
} from '../support/enrolled-person.ts'

const LOCK_AFTER = 10

describeOnHost(
  'wrong codes',
  (onHost) => {
    test('bring a wait that spares a right code, and end with unlock', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll({ periodSeconds: steadyPeriodSeconds() })
      await guess(onHost(), person, 2)
      const code = codeOf(person.app)
      const during = await login(person, code)
      expect(during.ok).toBe(false)
      expect(during.messages).toContainEqual(
        expect.stringMatching(/^Too many wrong codes\. Try again in \d+ (seconds|minutes)\.$/),
      )
      await login(person, wrongCodeOf(person.app))
      expect(await readFailures(otpgate, person.name)).toBe(2)
      const expected = ['denied code-wrong', 'denied code-wrong', 'denied throttled']
      expect(await outlineLogins(otpgate, person.name)).toEqual(expected)

      await otpgate.require(['unlock', person.name])
      expect((await login(person, code)).ok).toBe(true)
    })

    test('are forgiven by a right one before the wait', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      await guess(onHost(), person, 1)
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
      expect(await readFailures(otpgate, person.name)).toBe(0)
    })

    test('of one person do not keep another one out', async () => {
      const { enroll, login } = onHost()
      const person = await enroll()
      const other = await enroll()
      await guess(onHost(), person, 2)
      expect((await login(person, codeOf(person.app))).ok).toBe(false)
      expect((await login(other, codeOf(other.app))).ok).toBe(true)
    })

    test('leave recovery codes alone, and one of those ends the wait', async () => {
      const { enroll, login } = onHost()
      const person = await enroll({ recovery: true })
      const [recovery = ''] = person.recoveryCodes
      await guess(onHost(), person, 2)
      expect((await login(person, recovery)).ok).toBe(true)
      expect((await login(person, codeOf(person.app))).ok).toBe(true)
    })
  },
  { toml: '[throttle]\nfree_failures = 2\nfirst_wait = "10m"' },
)

describeOnHost(
  'as many wrong codes in a row as are allowed',
  (onHost) => {
    test('lock the account for codes, until a recovery code is used', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll({ periodSeconds: steadyPeriodSeconds(), recovery: true })
      const [recovery = ''] = person.recoveryCodes
      await guess(onHost(), person, LOCK_AFTER)
      const code = codeOf(person.app)
      const locked = await login(person, code)
      expect(locked.ok).toBe(false)
      expect(locked.messages).toContain(
        'Too many wrong codes. Use a recovery code, or ask your administrator.',
      )
      expect(await outlineLogins(otpgate, person.name)).toContain('denied locked')
      const shown: { lock: unknown } = JSON.parse(
        await otpgate.require(['show', person.name, '--json']),
      )
      expect(shown.lock).toEqual({ kind: 'locked', until: null })

      expect((await login(person, recovery)).ok).toBe(true)
      expect((await login(person, code)).ok).toBe(true)
    })
  },
  { toml: `[throttle]\nfree_failures = 20\nlock_after = ${LOCK_AFTER}` },
)

/** Six questions are what sshd allows on one connection. */
async function guess({ login }: ShippedHost, person: EnrolledPerson, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 5) {
    await login(person, ...Array.from({ length: Math.min(left, 5) }, () => wrongCodeOf(person.app)))
  }
}
