import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson } from '../support/enrolled-person.ts'
import type { Otpgate } from '../support/otpgate-host.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'
import type { HostUser } from '../support/throwaway-host.ts'

const ruleFor = (user: string) => `[[exempt]]
  name = "break glass"
  users = ["${user}"]
  networks = ["127.0.0.0/8"]
  emergency = true`

describeOnHost('with a break-glass rule and a Match block', (onHost) => {
  test('the rescuer gets in while the database is gone, and nobody else does', async () => {
    const { otpgate, rescuer, person, run } = await breakGlass(onHost())
    expect((await run(rescuer)).ok).toBe(true)
    renameSync(otpgate.databaseFile, `${otpgate.databaseFile}.away`)
    expect(await run(rescuer)).toMatchObject({ ok: true, stdout: `${rescuer.name}\n` })
    expect((await run(person, codeOf(person.app))).ok).toBe(false)
    expect((await otpgate.run(['list'])).status).toBe(5)
    renameSync(`${otpgate.databaseFile}.away`, otpgate.databaseFile)
    expect((await run(person, codeOf(person.app))).ok).toBe(true)
    expect(await outlineLogins(otpgate, rescuer.name)).toEqual(['excused break glass'])
  })

  test('a file that is no database, in its place, is as good as none', async () => {
    const { otpgate, rescuer, person, run } = await breakGlass(onHost())
    for (const end of ['-wal', '-shm']) rmSync(`${otpgate.databaseFile}${end}`, { force: true })
    writeFileSync(otpgate.databaseFile, 'nonsense'.repeat(1000))
    expect((await run(rescuer)).ok).toBe(true)
    expect((await run(person, codeOf(person.app))).ok).toBe(false)
  })

  test('a broken configuration keeps the rescuer out as well', async () => {
    const { otpgate, rescuer, run } = await breakGlass(onHost())
    otpgate.configure(`${ruleFor(rescuer.name)}\nnonsense = 1`)
    expect((await run(rescuer)).ok).toBe(false)
  })

  test('the rescuer of a rule without emergency is kept out while the database is gone', async () => {
    const { otpgate, rescuer, run } = await breakGlass(onHost())
    otpgate.configure(ruleFor(rescuer.name).replace('emergency = true', ''))
    expect((await run(rescuer)).ok).toBe(true)
    renameSync(otpgate.databaseFile, `${otpgate.databaseFile}.away`)
    expect((await run(rescuer)).ok).toBe(false)
  })
})

describeOnHost('a break-glass rule for key and code', (onHost) => {
  test('lets in by the key alone as long as the database is gone', async () => {
    const { host } = onHost()
    const otpgate = await host.install()
    const rescuer = host.addUser()
    otpgate.configure(ruleFor(rescuer.name))
    const sshd = await startShippedSshd(host, otpgate)
    renameSync(otpgate.databaseFile, `${otpgate.databaseFile}.away`)
    const result = await loginWithSsh(sshd, { user: rescuer.name, key: rescuer.key, answers: [] })
    expect(result).toMatchObject({ ok: true, prompts: [], messages: [] })
  })
})

/** An otpgate of its own, with somebody enrolled, and a rescuer whom sshd asks for the key alone. */
async function breakGlass({ host }: ShippedHost) {
  const otpgate: Otpgate = await host.install()
  const rescuer = host.addUser()
  const person = await enrollPerson(otpgate, host.addUser())
  otpgate.configure(ruleFor(rescuer.name))
  const config = `AuthenticationMethods publickey,keyboard-interactive:pam
    Match User ${rescuer.name}
    AuthenticationMethods publickey`
  const sshd = await startShippedSshd(host, otpgate, { config })
  const run = ({ name: user, key }: Pick<HostUser, 'name' | 'key'>, ...answers: string[]) =>
    loginWithSsh(sshd, { user, key, answers, command: 'id -un' })
  return { otpgate, rescuer, person, run }
}
