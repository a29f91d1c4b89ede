import { expect, test } from 'vitest'
import { countTickets, outlineLogins } from '../support/audit-record.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import { fillKeyThenCode, startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import type { HostUser } from '../support/throwaway-host.ts'

const CODE_ONLY = 'AuthenticationMethods keyboard-interactive:pam'

describeOnHost(
  'with unenrolled = "allow"',
  (onHost) => {
    test('somebody never known gets in by key without a question, on the record', async () => {
      const { host, login, otpgate } = onHost()
      const user = host.addUser()
      expect(await login(user)).toMatchObject({ ok: true, prompts: [], messages: [] })
      expect(await outlineLogins(otpgate, user.name)).toEqual(['excused unenrolled-allowed'])
      expect(countTickets(otpgate)).toBe(0)
    })

    test('somebody never known gets in where sshd asks for the key alone', async () => {
      const user = onHost().host.addUser()
      expect((await loginByKeyAlone(onHost(), user)).ok).toBe(true)
      const rows = await outlineLogins(onHost().otpgate, user.name)
      expect(rows).toEqual(['excused unenrolled-allowed'])
    })

    test('somebody never known is refused without any first factor', async () => {
      const { host, otpgate } = onHost()
      const user = host.addUser()
      const sshd = await startShippedSshd(host, otpgate, { config: CODE_ONLY })
      const result = await loginWithSsh(sshd, { user: user.name, answers: ['123456'] })
      expect(result).toMatchObject({ ok: false, prompts: ['Password: '] })
    })

    test('whoever has a device still needs it', async () => {
      const { host, login, otpgate } = onHost()
      const user = host.addUser()
      const { app } = await enrollPerson(otpgate, user)
      expect((await login(user)).ok).toBe(false)
      expect((await loginByKeyAlone(onHost(), user)).ok).toBe(false)
      expect((await login(user, codeOf(app))).ok).toBe(true)
    })

    test('whoever was reset is refused', async () => {
      const { host, login, otpgate } = onHost()
      const user = host.addUser()
      await enrollPerson(otpgate, user)
      await otpgate.require(['reset', user.name, '--yes'])
      expect((await login(user)).ok).toBe(false)
      expect((await loginByKeyAlone(onHost(), user)).ok).toBe(false)
    })
  },
  { toml: '[policy]\nunenrolled = "allow"' },
)

describeOnHost('with unenrolled = "deny"', (onHost) => {
  test('somebody never known is refused, by both ways', async () => {
    const { host, login } = onHost()
    const user = host.addUser()
    expect((await login(user)).ok).toBe(false)
    expect((await loginByKeyAlone(onHost(), user)).ok).toBe(false)
  })

  test('a code is enough in the services of code_alone, and in no other', async () => {
    const { host } = onHost()
    const otpgate = await host.install()
    const [listed, other] = [1, 2].map(() => host.addPamService(fillKeyThenCode(otpgate)))
    otpgate.configure(`[policy]\ncode_alone = ["${listed}"]`)
    const { name: user, app } = await enrollPerson(otpgate, host.addUser())
    const login = async (service = '') => {
      const sshd = await host.startSshd({ service, config: CODE_ONLY })
      return loginWithSsh(sshd, { user, answers: [codeOf(app)] })
    }
    expect((await login(other)).ok).toBe(false)
    expect((await login(listed)).ok).toBe(true)
    expect(await outlineLogins(otpgate, user)).toEqual(['accepted totp'])
  })
})

async function loginByKeyAlone({ host, otpgate }: ShippedHost, { name, key }: HostUser) {
  const config = `AuthenticationMethods publickey,keyboard-interactive:pam
    Match User ${name}
    AuthenticationMethods publickey`
  const sshd = await startShippedSshd(host, otpgate, { config })
  return loginWithSsh(sshd, { user: name, key })
}
