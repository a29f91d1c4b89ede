import { expect, test } from 'vitest'
import { outlineLogins, readLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'

describeOnHost('a recovery code', (onHost) => {
  test('is accepted once, and says how many are left', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll({ recovery: true })
    const [code = ''] = person.recoveryCodes
    const first = await login(person, code)
    expect(first).toMatchObject({ ok: true, stdout: `${person.name}\n` })
    expect(first.messages).toContain('Recovery code used: 9 codes left.')
    const second = await login(person, code)
    expect(second.ok).toBe(false)
    expect(second.messages).toContain('That code is not right.')
    const expected = [
      'unfinished one-time-code',
      'accepted recovery',
      'unfinished one-time-code',
      'denied code-wrong',
    ]
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
    const rows = await readLogins(otpgate, person.name)
    expect(rows[1]?.completes).toBe(rows[0]?.seq)
  })

  test('is read as people type it', async () => {
    const { enroll, login } = onHost()
    const person = await enroll({ recovery: true })
    const [code = ''] = person.recoveryCodes
    const typed = code.replaceAll('-', ' ').toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
    expect((await login(person, typed)).ok).toBe(true)
  })

  test('of somebody else is refused, and stays theirs', async () => {
    const { enroll, login } = onHost()
    const person = await enroll({ recovery: true })
    const other = await enroll({ recovery: true })
    const [code = ''] = other.recoveryCodes
    expect((await login(person, code)).ok).toBe(false)
    expect((await login(other, code)).ok).toBe(true)
  })

  test('is refused once new ones were made, and those are accepted', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll({ recovery: true })
    const [old = ''] = person.recoveryCodes
    const renewed = await otpgate.require(['recovery', 'new', person.name, '--yes'])
    const [fresh = ''] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(renewed) ?? []
    expect((await login(person, old)).ok).toBe(false)
    expect((await login(person, fresh)).ok).toBe(true)
  })

  test('leaves the app as it is', async () => {
    const { enroll, login } = onHost()
    const person = await enroll({ recovery: true })
    const [code = ''] = person.recoveryCodes
    expect((await login(person, code)).ok).toBe(true)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
  })
})
