import { expect, test } from 'vitest'
import { outlineLogins, readLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  enrollPerson,
  steadyPeriodSeconds,
  wrongCodeOf,
} from '../support/enrolled-person.ts'
import { openOtherPam } from '../support/other-pam.ts'
import { enrollWithPassword, PASSWORD } from '../support/recipe-login.ts'

const ASK = ['sudo', '--stdin', '--reset-timestamp', '--prompt='] as const

describeOnHost('the code at sudo', (onHost) => {
  test.each([
    { name: 'sudo', service: 'sudo', command: [...ASK, 'id', '-un'] },
    { name: 'sudo -i', service: 'sudo-i', command: [...ASK, '--login', 'id', '-un'] },
  ])('$name is that of the caller, and the password is none', async ({ command, service }) => {
    const { host, otpgate } = onHost()
    const runAs = openOtherPam(host, otpgate)
    const caller = host.addUser({ password: PASSWORD })
    const { app } = await enrollPerson(otpgate, caller, { periodSeconds: steadyPeriodSeconds() })
    const code = codeOf(app)
    for (const typed of [wrongCodeOf(app), PASSWORD, '']) {
      expect((await runAs(caller, command, typed)).stdout).toBe('')
    }
    expect(await runAs(caller, command, code)).toMatchObject({ status: 0, stdout: 'root\n' })
    expect((await runAs(caller, command, code)).stdout).toBe('')
    const accepted = (await readLogins(otpgate, caller.name)).filter(
      ({ outcome }) => outcome === 'accepted',
    )
    expect(accepted).toMatchObject([{ service, method: 'totp' }])
  })
})

describeOnHost('the code at su', (onHost) => {
  test.each([
    { name: 'su', login: [], service: 'su' },
    { name: 'su -', login: ['-'], service: 'su-l' },
  ])('$name is that of the person to become', async ({ login, service }) => {
    const { host, otpgate } = onHost()
    const runAs = openOtherPam(host, otpgate)
    const caller = host.addUser()
    const target = await enrollWithPassword(host, otpgate)
    const own = await onHost().enroll()
    const command = ['su', ...login, target.name, '-c', 'id -un']
    const refused = [wrongCodeOf(target.app), codeOf(own.app), PASSWORD, ''].map((typed) =>
      runAs(caller, command, typed),
    )
    for (const { stdout } of await Promise.all(refused)) expect(stdout).toBe('')
    const became = { status: 0, stdout: `${target.name}\n` }
    const result = await runAs(caller, command, codeOf(target.app))
    expect(result).toMatchObject(became)
    expect(await readLogins(otpgate, target.name)).toContainEqual(
      expect.objectContaining({ outcome: 'accepted', service }),
    )
  })

  test('is not asked of root', async () => {
    const { host, otpgate } = onHost()
    const runAs = openOtherPam(host, otpgate)
    const target = host.addUser()
    const result = await runAs({ uid: 0, gid: 0 }, ['su', target.name, '-c', 'id -un'], '')
    expect(result).toMatchObject({ status: 0, stdout: `${target.name}\n` })
    expect(await outlineLogins(otpgate, target.name)).toEqual([])
  })
})
