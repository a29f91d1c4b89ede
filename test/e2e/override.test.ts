import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, createApp } from '../support/enrolled-person.ts'
import { runDaysAgo } from '../support/past-command.ts'
import { requireTool } from '../support/run-tool.ts'

const NOT_ENROLLED = 'You have no second factor here. Ask your administrator to enroll you.'

describeOnHost('an admin decides', (onHost) => {
  test('an invited person gets in by key and is told what to do, up to the date', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    await otpgate.require(['invite', user.name, '--for', '7d'])
    expect(await login(user)).toMatchObject({
      ok: true,
      prompts: [],
      messages: ['Set up your second factor within 7 days: sudo otpgate self enroll'],
    })

    await runDaysAgo(otpgate, 8, ['invite', user.name, '--for', '7d'])
    const late = await login(user, codeOf(createApp()))
    expect(late).toMatchObject({ ok: false, prompts: ['Password: '] })
    expect(late.messages).toContain(NOT_ENROLLED)
    const expected = ['excused invited', 'denied not-enrolled']
    expect(await outlineLogins(otpgate, user.name)).toEqual(expected)
  })

  test('somebody for whom the code is waived gets in without, up to the date', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    const waive = ['waive', person.name, '--for', '4h', '--reason', 'phone at home']
    await otpgate.require(waive)
    expect(await login(person)).toMatchObject({ ok: true, prompts: [], messages: [] })

    await runDaysAgo(otpgate, 1, waive)
    const late = await login(person, codeOf(person.app))
    expect(late).toMatchObject({ ok: true, prompts: ['Password: '] })
    const expected = ['excused waived', 'accepted totp']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
  })

  test('somebody suspended is denied with a right code, which works once they are back', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    await otpgate.require(['suspend', person.name, '--reason', 'parental leave'])
    const denied = await login(person, codeOf(person.app))
    expect(denied.ok).toBe(false)
    expect(denied.messages).toContain('Your access here is suspended. Ask your administrator.')
    await otpgate.require(['resume', person.name])
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
    const expected = ['denied suspended', 'accepted totp']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
  })

  test('somebody removed is as if never known, but for the log', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    await otpgate.require(['remove', person.name, '--yes', '--reason', 'has left'])
    const denied = await login(person, codeOf(person.app))
    expect(denied.ok).toBe(false)
    expect(denied.messages).toContain(NOT_ENROLLED)
    const log = await otpgate.require(['audit', person.name])
    expect(log).toContain('has left')
    expect(await outlineLogins(otpgate, person.name)).toEqual(['denied not-enrolled'])
  })

  test('somebody whose uid is another is denied until they are rebound', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    const uid = Number(requireTool('id', ['-u', person.name]).stdout)
    requireTool('usermod', ['-u', String(uid + 20_000), person.name])
    const denied = await login(person, codeOf(person.app))
    expect(denied.ok).toBe(false)
    expect(denied.messages).toContain('Your account here has changed. Ask your administrator.')
    const { stderr } = await otpgate.run(['rebind', person.name, '--yes'])
    expect(stderr).toContain(`moved from uid ${uid} to uid ${uid + 20_000}, with 1 device`)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
    const expected = ['denied uid-changed', 'accepted totp']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
  })

  test('after reset --enroll nobody gets in before the new phone is confirmed', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    const open = await otpgate.run(['reset', person.name, '--enroll', '--yes'])
    const key = /^ {2}((?:[A-Z2-7]{4} ?){8})$/m.exec(open.stdout)?.[1] ?? ''
    const app = { ...createApp(), secretBase32: key.replaceAll(' ', '') }
    expect((await login(person, codeOf(person.app))).ok).toBe(false)
    expect((await login(person, codeOf(app))).ok).toBe(false)
    await otpgate.require(['confirm', person.name, '--no-recovery'], `${codeOf(app)}\n`)
    expect((await login(person, codeOf(app, 1))).ok).toBe(true)
    const expected = ['denied must-enroll', 'accepted totp']
    expect(await outlineLogins(otpgate, person.name)).toEqual(expected)
  })
})
