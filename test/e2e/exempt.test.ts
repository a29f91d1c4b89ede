import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outlineLogins, readLogins } from '../support/audit-record.ts'
import {
  authorizeKeys,
  createSecurityKey,
  fingerprintOf,
  SOFTWARE_SECURITY_KEY,
} from '../support/client-key.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'
import { requireTool } from '../support/run-tool.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import type { HostUser } from '../support/throwaway-host.ts'

const UNASKED = { ok: true, prompts: [], messages: [] }
const HERE = 'networks = ["127.0.0.0/8", "::1"]'
const ELSEWHERE = 'networks = ["192.0.2.0/24", "2001:db8::/32"]'

/** One rule as the whole policy. */
function exempt({ otpgate }: ShippedHost, ...lines: readonly string[]): void {
  otpgate.configure(['[[exempt]]', 'name = "the rule"', ...lines].join('\n'))
}

describeOnHost('an [[exempt]] rule', (onHost) => {
  test('by network excuses who comes from there, on the record, and whom it does not, is asked', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    exempt(onHost(), HERE)
    expect(await login(person)).toMatchObject(UNASKED)
    exempt(onHost(), ELSEWHERE)
    expect((await login(person)).ok).toBe(false)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
    const [excused] = await readLogins(otpgate, person.name)
    expect(excused).toMatchObject({ outcome: 'excused', rule: 'the rule', address: '127.0.0.1' })
    const withoutCode = await otpgate.require(['audit', person.name, '--without-code'])
    expect(withoutCode.match(/the rule/g)).toHaveLength(1)
    expect(withoutCode).not.toContain('totp')
  })

  test('by group holds for its members, supplementary ones too, and not for others', async () => {
    const { enroll, host, login, otpgate } = onHost()
    const owner = await enroll()
    const member = host.addUser()
    const other = host.addUser()
    requireTool('usermod', ['--append', '--groups', owner.name, member.name])
    exempt(onHost(), `groups = ["${owner.name}"]`)
    expect(await login(member)).toMatchObject(UNASKED)
    expect(await login(owner)).toMatchObject(UNASKED)
    expect((await login(other)).ok).toBe(false)
    exempt(onHost(), HERE, `except_groups = ["${owner.name}"]`)
    expect((await login(member)).ok).toBe(false)
    expect(await login(other)).toMatchObject(UNASKED)
    const rows = await outlineLogins(otpgate, member.name)
    expect(rows).toEqual(['excused the rule', 'denied empty'])
  })

  test('with an excepted group that is not there excuses nobody, and config check says so', async () => {
    const { enroll, login, otpgate } = onHost()
    const person = await enroll()
    exempt(onHost(), HERE, 'except_groups = ["otpgate-nogroup"]')
    expect((await login(person)).ok).toBe(false)
    const { status, stdout } = await otpgate.run(['config', 'check'])
    expect(status).toBe(9)
    expect(stdout).toContain('the rule: there is no group otpgate-nogroup')
  })

  test('by key holds for that key of the person alone', async () => {
    const { enroll, host, login } = onHost()
    const { name, key } = await enroll()
    const vetted = host.createStrangerKey()
    exempt(onHost(), `keys = ["${fingerprintOf(vetted)}"]`)
    expect((await login({ name, key: vetted })).ok).toBe(false)
    authorizeKeys(userOf(onHost(), name), [key, vetted])
    expect(await login({ name, key: vetted })).toMatchObject(UNASKED)
    expect((await login({ name, key })).ok).toBe(false)
  })

  test('with except_users leaves them out', async () => {
    const { enroll, login } = onHost()
    const person = await enroll()
    const other = await enroll()
    exempt(onHost(), HERE, `except_users = ["${person.name}"]`)
    expect((await login(person)).ok).toBe(false)
    expect((await login(person, codeOf(person.app))).ok).toBe(true)
    expect(await login(other)).toMatchObject(UNASKED)
  })

  test('excuses nobody whose first factor is not proven', async () => {
    const { enroll, host, otpgate } = onHost()
    const { name, app } = await enroll()
    exempt(onHost(), HERE)
    const config = 'AuthenticationMethods keyboard-interactive:pam'
    const sshd = await startShippedSshd(host, otpgate, { config })
    const result = await loginWithSsh(sshd, { user: name, answers: [codeOf(app)] })
    expect(result).toMatchObject({ ok: false, prompts: ['Password: '] })
  })
})

describeOnHost('a software security key', (onHost) => {
  test('passes for any other by key_types, so those count only beside trust_key_types', async () => {
    const { enroll, host, login, otpgate, sshd } = onHost()
    const { name, key } = await enroll()
    const software = createSecurityKey(join(host.secretDirectory, 'software-sk'))
    authorizeKeys(userOf(onHost(), name), [key, software])
    const options = [`SecurityKeyProvider=${SOFTWARE_SECURITY_KEY}`]
    const loginBySoftware = () =>
      loginWithSsh(sshd, { user: name, key: software, answers: [], options })

    const rule = 'key_types = ["sk-ssh-ed25519@openssh.com"]'
    exempt(onHost(), rule)
    expect((await loginBySoftware()).ok).toBe(false)
    const { status, stdout } = await otpgate.run(['config', 'check'])
    expect(status).toBe(7)
    expect(stdout).toContain('exempt.key_types stands without trust_key_types = true')

    exempt(onHost(), rule, 'trust_key_types = true')
    const { ok, prompts } = await loginBySoftware()
    expect(ok).toBe(true)
    // ssh itself may ask for a touch before this key has signed, as it does without a finger.
    expect(prompts.filter((prompt) => !prompt.includes('Confirm user presence'))).toEqual([])
    expect((await login({ name, key })).ok).toBe(false)
    const rows = await readLogins(otpgate, name)
    expect(rows[0]).toMatchObject({
      rule: 'the rule',
      first_factor: `publickey ${fingerprintOf(software)}`,
    })
  })
})

describeOnHost('a robot', (onHost) => {
  test('gets in with its key alone, by a Match block and a rule, and nobody else does', async () => {
    const { host, otpgate } = onHost()
    const robot = host.addUser()
    const other = host.addUser()
    const config = `AuthenticationMethods publickey,keyboard-interactive:pam
      Match User ${robot.name},${other.name}
      AuthenticationMethods publickey`
    const sshd = await startShippedSshd(host, otpgate, { config })
    const run = ({ name: user, key }: HostUser) => {
      // As a robot has it: the methods of its client, and nobody to ask.
      const options = [
        'BatchMode=yes',
        'PreferredAuthentications=publickey,keyboard-interactive,password',
      ]
      return loginWithSsh(sshd, { user, key, options, command: 'id -un' })
    }
    expect((await run(robot)).ok).toBe(false)
    exempt(onHost(), `users = ["${robot.name}"]`, HERE)
    expect(await run(robot)).toMatchObject({ ok: true, stdout: `${robot.name}\n` })
    expect((await run(other)).ok).toBe(false)
    exempt(onHost(), `users = ["${robot.name}"]`, ELSEWHERE)
    expect((await run(robot)).ok).toBe(false)
    const rows = await outlineLogins(otpgate, robot.name)
    expect(rows).toEqual(['excused the rule'])
  })
})

/** The user's home and ids, as far as authorizing keys needs them. */
function userOf({ host }: ShippedHost, name: string) {
  const id = (option: string) => Number(requireTool('id', [option, name]).stdout)
  return { name, uid: id('-u'), gid: id('-g'), home: join(host.directory, 'home', name) }
}
