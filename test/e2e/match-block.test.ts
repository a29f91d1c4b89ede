import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  createApp,
  enrollOptions,
  steadyPeriodSeconds,
} from '../support/enrolled-person.ts'
import { readExample } from '../support/shipped-example.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const KEY_THEN_CODE = readExample('sshd_config.d/00-otpgate.conf')

describeOnHost('sshd_config of a robot', (onHost) => {
  test('lets its key in alone where a rule excuses it, and only there', async () => {
    const { host, otpgate } = onHost()
    const robot = host.addUser()
    const block = readExample('sshd_config.d/10-otpgate-robot.conf').replace(
      'User backup',
      `User ${robot.name}`,
    )
    const sshd = await startShippedSshd(host, otpgate, { config: `${KEY_THEN_CODE}\n${block}` })
    const login = () =>
      loginWithSsh(sshd, { user: robot.name, key: robot.key, options: ['BatchMode=yes'] })
    expect(await login()).toMatchObject({ ok: false, prompts: [] })
    otpgate.configure(`[[exempt]]
      name = "backup robot"
      users = ["${robot.name}"]
      networks = ["127.0.0.1/32"]`)
    expect(await login()).toMatchObject({ ok: true, prompts: [] })
    expect(await outlineLogins(otpgate, robot.name)).toContain('excused backup robot')

    const { name: user, key } = host.addUser()
    expect(await loginWithSsh(sshd, { user, key })).toMatchObject({ ok: false })
  })
})

describeOnHost('sshd_config of the break-glass account', (onHost) => {
  test('lets its key in alone from its addresses, by a rule for emergencies', async () => {
    const { host, otpgate } = onHost()
    const rescue = host.addUser()
    const block = readExample('sshd_config.d/10-otpgate-break-glass.conf')
      .replace('User rescue', `User ${rescue.name}`)
      .replace('Address 192.0.2.0/28', 'Address 127.0.0.0/28')
    const sshd = await startShippedSshd(host, otpgate, { config: `${KEY_THEN_CODE}\n${block}` })
    const login = () => loginWithSsh(sshd, { user: rescue.name, key: rescue.key })
    const rule = `[[exempt]]
      name = "break glass"
      users = ["${rescue.name}"]
      networks = ["127.0.0.0/28"]`
    otpgate.configure(`${rule}\nemergency = true`)
    expect(await login()).toMatchObject({ ok: true, prompts: [] })
    renameSync(otpgate.databaseFile, `${otpgate.databaseFile}.away`)
    expect(await login()).toMatchObject({ ok: true, prompts: [] })
    otpgate.configure(rule)
    expect((await login()).ok).toBe(false)
    otpgate.configure(`${rule}\nemergency = "yes"`)
    expect((await login()).ok).toBe(false)
  })
})

describeOnHost('sshd_config of root', (onHost) => {
  test('lets root in with a key and a code, and with neither alone', async () => {
    const { host, otpgate } = onHost()
    const key = host.createStrangerKey()
    const authorized = join(host.directory, 'root-keys')
    writeFileSync(authorized, `${key.publicLine}\n`)
    // One code is typed at several logins, each to an sshd of its own: it has to stay right till the last.
    const app = createApp({ periodSeconds: steadyPeriodSeconds() })
    const options = [...enrollOptions(app), '--no-confirm', '--no-recovery', '--json']
    await otpgate.require(['enroll', 'root', ...options], `${app.secretBase32}\n`)

    const keys = `StrictModes no\nAuthorizedKeysFile ${authorized}\n`
    const login = async (rest: string, ...answers: string[]) => {
      const sshd = await startShippedSshd(host, otpgate, { config: keys + rest })
      return loginWithSsh(sshd, { user: 'root', key, answers, command: 'id -un' })
    }
    const block = readExample('sshd_config.d/10-otpgate-root.conf')
    const code = codeOf(app)
    const both = `${KEY_THEN_CODE}\n${block}`
    const standard = `PermitRootLogin prohibit-password\n${KEY_THEN_CODE}`
    expect((await login(standard, code)).ok).toBe(false)
    expect((await login(both)).ok).toBe(false)
    expect((await login(block)).ok).toBe(false)
    expect(await outlineLogins(otpgate, 'root')).not.toContain('accepted totp')
    expect(await login(both, code)).toMatchObject({ ok: true, stdout: 'root\n' })
  })
})
