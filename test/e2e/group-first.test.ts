import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf } from '../support/enrolled-person.ts'
import { startRecipe } from '../support/recipe.ts'
import { enrollWithPassword, PASSWORD } from '../support/recipe-login.ts'
import { requireTool } from '../support/run-tool.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const WITH_PASSWORDS = `UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication yes
`

describeOnHost('with a group asked first', (onHost) => {
  test('others log in as before: by key, by password, and not by a wrong one', async () => {
    const { host, otpgate } = onHost()
    const member = host.addUser()
    const other = host.addUser({ password: PASSWORD })
    const options = { recipe: 'group-first', group: member.name } as const
    const sshd = await startRecipe(host, otpgate, { ...options, config: WITH_PASSWORDS })
    const login = { user: other.name }
    expect(await loginWithSsh(sshd, { ...login, key: other.key })).toMatchObject({ ok: true })
    expect(await loginWithSsh(sshd, { ...login, password: PASSWORD })).toMatchObject({ ok: true })
    expect(await loginWithSsh(sshd, { ...login, answers: [PASSWORD] })).toMatchObject({ ok: true })
    expect(await loginWithSsh(sshd, { ...login, password: 'wrong' })).toMatchObject({ ok: false })
    expect(await outlineLogins(otpgate, other.name)).toEqual([])
  })

  test('a supplementary member is asked, and has no way around it', async () => {
    const { host, otpgate } = onHost()
    const group = host.addUser().name
    const member = await enrollWithPassword(host, otpgate)
    requireTool('usermod', ['--append', '--groups', group, member.name])
    const options = { recipe: 'group-first', group } as const
    const { name: user, key, app } = member

    const loose = await startRecipe(host, otpgate, { ...options, config: WITH_PASSWORDS })
    expect(await loginWithSsh(loose, { user, key })).toMatchObject({ ok: false })
    expect(await loginWithSsh(loose, { user, password: PASSWORD })).toMatchObject({ ok: false })
    expect(await loginWithSsh(loose, { user, answers: [PASSWORD] })).toMatchObject({ ok: false })

    const sshd = await startRecipe(host, otpgate, options)
    expect(await loginWithSsh(sshd, { user, key })).toMatchObject({ ok: false })
    expect(await loginWithSsh(sshd, { user, key, answers: [codeOf(app)] })).toMatchObject({
      ok: true,
    })
  })

  test('a group that is not there makes nobody an outsider', async () => {
    const { host, otpgate } = onHost()
    const user = host.addUser({ password: PASSWORD })
    const options = { recipe: 'group-first', group: 'otpgate-test-none' } as const
    const sshd = await startRecipe(host, otpgate, { ...options, config: WITH_PASSWORDS })
    const login = { user: user.name }
    expect(await loginWithSsh(sshd, { ...login, key: user.key })).toMatchObject({ ok: false })
    expect(await loginWithSsh(sshd, { ...login, password: PASSWORD })).toMatchObject({ ok: false })
  })
})
