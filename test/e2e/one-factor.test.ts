import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollPerson, steadyPeriodSeconds } from '../support/enrolled-person.ts'
import { type RecipeName, startRecipe } from '../support/recipe.ts'
import { enrollWithPassword, PASSWORD } from '../support/recipe-login.ts'
import { fillKeyThenCode, startShippedSshd } from '../support/shipped-sshd.ts'
import { type LoginRequest, loginWithSsh } from '../support/ssh-client.ts'

/** In sshd's log, a moment after the client has gone: another of its processes writes it. */
const REFUSED_BY_ACCOUNT_LINE = 'by PAM account configuration'

const ALL_METHODS = 'UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication yes\n'
const BOTH = 'AuthenticationMethods publickey,keyboard-interactive:pam\n'

/** What an admin may have written, or forgotten, in sshd_config. */
const MISTAKES = [
  { mistake: 'is missing', config: () => ALL_METHODS },
  { mistake: 'is "any"', config: () => `${ALL_METHODS}AuthenticationMethods any\n` },
  {
    mistake: 'is overridden by a Match block',
    config: (user: string) =>
      `${ALL_METHODS}${BOTH}Match User ${user}
       AuthenticationMethods publickey password keyboard-interactive:pam\n`,
  },
] as const

describeOnHost('with two factors asked for by PAM, where AuthenticationMethods', (onHost) => {
  test.each(MISTAKES)('$mistake, a key alone is refused', async ({ config }) => {
    const { person, otpgate, sshd } = await misconfigure(onHost(), config)
    const result = await loginWithSsh(sshd, { user: person.name, key: person.key })
    expect(result).toMatchObject({ ok: false, prompts: [], timedOut: false })
    await expect.poll(sshd.readLog).toContain(REFUSED_BY_ACCOUNT_LINE)
    expect(await outlineLogins(otpgate, person.name)).toEqual([])
  })

  test.each(MISTAKES)('$mistake, a code alone is refused and stays unused', async ({ config }) => {
    const { person, otpgate, sshd } = await misconfigure(onHost(), config)
    const code = codeOf(person.app)
    const result = await loginWithSsh(sshd, { user: person.name, answers: [code] })
    expect(result).toMatchObject({ ok: false, prompts: ['Password: '] })
    expect(await outlineLogins(otpgate, person.name)).toEqual([])
    expect((await onHost().login(person, code)).ok).toBe(true)
  })

  test.each(MISTAKES)('$mistake, a password alone is refused', async ({ config }) => {
    const { person, sshd } = await misconfigure(onHost(), config)
    const result = await loginWithSsh(sshd, { user: person.name, password: PASSWORD })
    expect(result).toMatchObject({ ok: false, timedOut: false })
    await expect.poll(sshd.readLog).toContain(`Failed password for ${person.name}`)
  })

  test('is "publickey,password", key and password are refused', async () => {
    const config = () => `${ALL_METHODS}AuthenticationMethods publickey,password\n`
    const { person, sshd } = await misconfigure(onHost(), config)
    const login = { user: person.name, key: person.key, password: PASSWORD }
    expect(await loginWithSsh(sshd, login)).toMatchObject({ ok: false, timedOut: false })
  })
})

describeOnHost('with our account line but the auth lines of the distribution', (onHost) => {
  test.each([
    { methods: 'publickey,password', withKey: true },
    { methods: 'password', withKey: false },
  ])('AuthenticationMethods $methods lets nobody in', async ({ methods, withKey }) => {
    const { host, otpgate } = onHost()
    const person = await enrollPerson(otpgate, host.addUser({ password: PASSWORD }))
    const service = host.addPamService(onlyAccountLine(fillKeyThenCode(otpgate)))
    const config = `${ALL_METHODS}AuthenticationMethods ${methods}\n`
    const sshd = await host.startSshd({ service, config })
    const login = { user: person.name, password: PASSWORD, ...(withKey ? { key: person.key } : {}) }
    expect(await loginWithSsh(sshd, login)).toMatchObject({ ok: false, timedOut: false })
    await expect.poll(sshd.readLog).toContain(REFUSED_BY_ACCOUNT_LINE)

    // The same login without our line: it is this line, and nothing else, that refuses.
    const open = host.addPamService('@include common-auth\n@include common-account\n')
    const openSshd = await host.startSshd({ service: open, config })
    expect((await loginWithSsh(openSshd, login)).ok).toBe(true)
  })
})

const OTHER_RECIPES = ['password-then-code', 'password-and-code', 'group-first', 'lean'] as const

const MISTAKES_BY_RECIPE = OTHER_RECIPES.flatMap((recipe) =>
  [...MISTAKES, { mistake: 'is "publickey,password"', config: askingForKeyAndPassword }].map(
    (mistake) => ({ ...mistake, recipe }),
  ),
)

describeOnHost('with the recipe', (onHost) => {
  test.concurrent.each(
    MISTAKES_BY_RECIPE,
  )('$recipe, where AuthenticationMethods $mistake, no one factor is enough, nor two of a kind', async ({
    recipe,
    config,
  }) => {
    const { host, otpgate } = onHost()
    const { name: user, key, app } = await enrollWithPassword(host, otpgate)
    const options = { recipe, group: user, config: config(user) }
    const sshd = await startRecipe(host, otpgate, options)
    for (const request of oneFactorLogins(recipe, codeOf(app))) {
      const login = { ...request, ...('key' in request ? { key } : {}), user }
      expect(await loginWithSsh(sshd, login)).toMatchObject({ ok: false, timedOut: false })
    }
    expect(await outlineLogins(otpgate, user)).not.toContainEqual(expect.stringMatching(/^acc/))
  })
})

/** All there is to try with a password or a key, and with a code where it is a factor of its own. */
function oneFactorLogins(
  recipe: RecipeName,
  code: string,
): readonly (Omit<LoginRequest, 'user' | 'key'> & { readonly key?: undefined })[] {
  return [
    { key: undefined },
    { password: PASSWORD },
    { answers: [PASSWORD] },
    { key: undefined, password: PASSWORD },
    ...(recipe === 'group-first' ? [] : [{ answers: [code] }]),
  ]
}

function askingForKeyAndPassword(): string {
  return `${ALL_METHODS}AuthenticationMethods publickey,password\n`
}

async function misconfigure({ host, otpgate }: ShippedHost, config: (user: string) => string) {
  const user = host.addUser({ password: PASSWORD })
  const person = await enrollPerson(otpgate, user, { periodSeconds: steadyPeriodSeconds() })
  const sshd = await startShippedSshd(host, otpgate, { config: config(user.name) })
  return { person, otpgate, sshd }
}

function onlyAccountLine(recipe: string): string {
  const rest = recipe.split('\n').filter((line) => !/^auth\s/.test(line))
  return ['@include common-auth', ...rest].join('\n')
}
