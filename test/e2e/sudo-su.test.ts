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

/** As `[throttle]` has it where nothing is said. */
const FREE_FAILURES = 5

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

  test('is guessed at by others of the host there alone: over SSH the right one gets in', async () => {
    const { host, otpgate, enroll, login } = onHost()
    const runAs = openOtherPam(host, otpgate)
    const caller = host.addUser()
    const target = await enroll({ periodSeconds: steadyPeriodSeconds() })
    const become = (typed: string) => runAs(caller, ['su', target.name, '-c', 'id -un'], typed)
    for (let guesses = 0; guesses < FREE_FAILURES; guesses++) {
      expect((await become(wrongCodeOf(target.app))).stdout).toBe('')
    }
    expect((await become(codeOf(target.app))).stdout).toBe('')
    expect(await outlineLogins(otpgate, target.name)).toContain('denied throttled')
    const shown: object = JSON.parse(await otpgate.require(['show', target.name, '--json']))
    expect(shown).toMatchObject({
      ...{ failures: 0, lock: null },
      ...{ local_failures: FREE_FAILURES, local_lock: { kind: 'waiting' } },
    })
    expect((await login(target, codeOf(target.app))).ok).toBe(true)
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
