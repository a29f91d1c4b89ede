import { expect, test } from 'vitest'
import { DEFAULT_PROMPT } from '../../src/domain/message.ts'
import { outlineLogins } from '../support/audit-record.ts'
import { addCodeService, authenticateAtOnce } from '../support/code-service.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, type EnrolledPerson, wrongCodeOf } from '../support/enrolled-person.ts'
import { readSources } from '../support/known-source.ts'

const LOCK_AFTER = 10

describeOnHost(
  'a bypass code',
  (onHost) => {
    test('is a code at the prompt as often as it was issued for, and nothing is told', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      const code = await issue(onHost(), person, '--uses', '2')
      expect(await login(person, code)).toMatchObject({ ok: true, messages: [DEFAULT_PROMPT] })
      expect((await login(person, code.toLowerCase().replaceAll('-', ' '))).ok).toBe(true)
      const third = await login(person, code)
      expect(third.ok).toBe(false)
      expect(third.messages).toContain('That code is not right.')
      const once = ['unfinished one-time-code', 'accepted bypass']
      const refused = ['unfinished one-time-code', 'denied code-wrong']
      expect(await outlineLogins(otpgate, person.name)).toEqual([...once, ...once, ...refused])
    })

    test('makes no source known, and ends what is remembered', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      const code = await issue(onHost(), person, '--uses', '2')
      expect((await login(person, code)).ok).toBe(true)
      expect(await readSources(otpgate, person.name)).toEqual([])

      expect((await login(person, codeOf(person.app))).ok).toBe(true)
      expect((await login(person)).ok).toBe(true)
      const another = await issue(onHost(), person)
      expect(await readSources(otpgate, person.name)).toMatchObject([{ remembered_until: null }])
      expect((await login(person)).ok).toBe(false)
      expect((await login(person, another)).ok).toBe(true)
      expect((await login(person)).ok).toBe(false)
    })

    test('gets in while codes are locked, and leaves the lock', async () => {
      const { enroll, host, login, otpgate } = onHost()
      const person = await enroll()
      const wrong = Array<string>(LOCK_AFTER).fill(wrongCodeOf(person.app))
      await authenticateAtOnce(addCodeService(host, otpgate), person.name, wrong)
      const code = await issue(onHost(), person)
      expect((await login(person, codeOf(person.app))).ok).toBe(false)
      expect((await login(person, code)).ok).toBe(true)
      expect((await login(person, codeOf(person.app))).ok).toBe(false)
      expect(await outlineLogins(otpgate, person.name)).toContain('denied locked')
    })

    test('is refused once it was taken back', async () => {
      const { enroll, login, otpgate } = onHost()
      const person = await enroll()
      const code = await issue(onHost(), person)
      await otpgate.require(['bypass', 'revoke', person.name])
      expect((await login(person, code)).ok).toBe(false)
    })
  },
  { toml: `[throttle]\nfree_failures = 20\nlock_after = ${LOCK_AFTER}\n[remember]\nfor = "1h"` },
)

async function issue(
  { otpgate }: ShippedHost,
  { name }: EnrolledPerson,
  ...options: readonly string[]
): Promise<string> {
  const args = ['bypass', name, '--for', '1h', ...options, '--json']
  const issued: { code: string } = JSON.parse(await otpgate.require(args))
  return issued.code
}
