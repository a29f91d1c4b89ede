import { expect, test } from 'vitest'
import { outlineLogins, readFailures, readLogins } from '../support/audit-record.ts'
import { fingerprintOf } from '../support/client-key.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, steadyPeriodSeconds, wrongCodeOf } from '../support/enrolled-person.ts'
import { startRecipe } from '../support/recipe.ts'
import { enrollWithPassword, loginBy, WAYS } from '../support/recipe-login.ts'

describeOnHost('the recipe', (onHost) => {
  test.concurrent.each(WAYS)('$recipe, by $by, takes both right and nothing less', async (way) => {
    const { host, otpgate } = onHost()
    const person = await enrollWithPassword(host, otpgate, { periodSeconds: steadyPeriodSeconds() })
    const sshd = await startRecipe(host, otpgate, { recipe: way.recipe, group: person.name })
    const code = codeOf(person.app)
    const login = (factor: 'right' | 'wrong', typed: string) =>
      loginBy(way, sshd, person, factor, typed)

    expect(await login('wrong', code)).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, person.name)).toEqual([])
    expect(await login('right', wrongCodeOf(person.app))).toMatchObject({ ok: false })
    expect(await readFailures(otpgate, person.name)).toBe(1)
    expect(await login('right', code)).toMatchObject({ ok: true, stdout: `${person.name}\n` })
    expect(await login('right', code)).toMatchObject({ ok: false, timedOut: false })

    const rows = await readLogins(otpgate, person.name)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['denied', 'accepted', 'denied'])
    const isKey = way.by.startsWith('key')
    const factor = isKey ? `publickey ${fingerprintOf(person.key)}` : 'password'
    expect(rows.map(({ first_factor }) => first_factor)).toEqual([factor, factor, factor])
  })
})
