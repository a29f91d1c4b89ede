import { expect, test } from 'vitest'
import { DEFAULT_PROMPT } from '../../src/domain/message.ts'
import { countTickets, outlineLogins, readFailures, readLogins } from '../support/audit-record.ts'
import { fingerprintOf } from '../support/client-key.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'

describeOnHost('a login by key and code', (onHost) => {
  test('succeeds with the right code, after one line that says what is asked for', async () => {
    const { enroll, login } = onHost()
    const person = await enroll()
    expect(await login(person, codeOf(person.app))).toMatchObject({
      ok: true,
      stdout: `${person.name}\n`,
      prompts: ['Password: '],
      messages: [DEFAULT_PROMPT],
    })
  })

  test('leaves one audit row with all that is known, and no ticket', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    await login(person, codeOf(person.app))
    const rows = await readLogins(otpgate, person.name)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      outcome: 'accepted',
      method: 'totp',
      device: 'phone',
      address: '127.0.0.1',
      first_factor: `publickey ${fingerprintOf(person.key)}`,
      count: 1,
    })
    expect(rows[0]?.service).toMatch(/^otpgate-test-/)
    expect(countTickets(otpgate)).toBe(0)
  })

  test('fails with a wrong code, says so, and charges it', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    const result = await login(person, wrongCodeOf(person.app))
    expect(result).toMatchObject({ ok: false, stdout: '', timedOut: false })
    expect(result.messages).toEqual([DEFAULT_PROMPT, 'That code is not right.'])
    expect(await outlineLogins(otpgate, person.name)).toEqual(['denied code-wrong'])
    expect(await readFailures(otpgate, person.name)).toBe(1)
  })

  test('fails with an empty answer and with the login password, and charges neither', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    expect(await login(person, '')).toMatchObject({ ok: false, messages: [DEFAULT_PROMPT] })
    expect(await login(person, 'correct horse')).toMatchObject({ ok: false })
    expect(await outlineLogins(otpgate, person.name)).toEqual(['denied empty', 'denied not-a-code'])
    expect(await readFailures(otpgate, person.name)).toBe(0)
  })

  test('succeeds at the second question after a wrong code at the first', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    const answers = [wrongCodeOf(person.app), codeOf(person.app)]
    expect(await login(person, ...answers)).toMatchObject({ ok: true })
    const expected = ['denied code-wrong', 'accepted totp']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
  })

  test('takes no code of somebody else', async () => {
    const { enroll, login } = onHost()
    const person = await enroll()
    const other = await enroll()
    expect(await login(person, codeOf(other.app))).toMatchObject({ ok: false })
    expect(await login(other, codeOf(other.app))).toMatchObject({ ok: true })
  })

  test('asks for no code where nobody has authorized the key', async () => {
    const { enroll, host, login, otpgate } = onHost()
    const person = await enroll()
    const stranger = { ...person, key: host.createStrangerKey() }
    expect(await login(stranger, codeOf(person.app))).toMatchObject({ ok: false, prompts: [] })
    expect(await outlineLogins(otpgate, person.name)).toEqual([])
  })

  test('keeps the audit chain whole', async () => {
    const verified = await onHost().otpgate.require(['audit', 'verify'])
    expect(verified).toContain('all as they were written')
  })
})
