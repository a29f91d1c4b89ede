import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, createApp, enrollAnew, enrollPerson } from '../support/enrolled-person.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const NOBODY = 'otpgate-test-nobody'

describeOnHost('somebody without a device', (onHost) => {
  test('is refused where nobody enrolled them, and told so', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    const result = await login(user, codeOf(createApp()))
    expect(result.ok).toBe(false)
    expect(result.messages).toContain(
      'You have no second factor here. Ask your administrator to enroll you.',
    )
    expect(await outlineLogins(otpgate, user.name)).toEqual(['denied not-enrolled'])
  })

  test('is refused after a reset, also with the old codes, until they are enrolled anew', async () => {
    const { host, login, otpgate } = onHost()
    const user = host.addUser()
    const before = await enrollPerson(otpgate, user, { recovery: true })
    await otpgate.require(['reset', user.name, '--yes', '--reason', 'lost phone'])
    const refused = await login(user, codeOf(before.app))
    expect(refused.ok).toBe(false)
    expect(refused.messages).toContain(
      'Your second factor was reset. Ask your administrator to enroll you.',
    )
    expect((await login(user, before.recoveryCodes[0] ?? '')).ok).toBe(false)
    expect(await outlineLogins(otpgate, user.name)).toEqual(['denied must-enroll'])
    const after = await enrollAnew(otpgate, user)
    expect((await login(user, codeOf(after.app))).ok).toBe(true)
  })

  test('is refused by a name that no user has, without a trace in the audit', async () => {
    const { host, otpgate } = onHost()
    const config = 'AuthenticationMethods keyboard-interactive:pam'
    const sshd = await startShippedSshd(host, otpgate, { config })
    const answers = [codeOf(createApp())]
    const result = await loginWithSsh(sshd, { user: NOBODY, answers })
    expect(result).toMatchObject({ ok: false, prompts: ['Password: '] })
    // Status 3: neither the host nor the log knows the name.
    expect((await otpgate.run(['audit', NOBODY])).status).toBe(3)
    // What sshd says when a helper lets a user in whom it has never heard of.
    expect(sshd.readLog()).not.toContain('Internal error')
  })
})
