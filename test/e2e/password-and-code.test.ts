import { expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, steadyPeriodSeconds, wrongCodeOf } from '../support/enrolled-person.ts'
import { runPamTester } from '../support/pam-tester.ts'
import { fillRecipe, startRecipe } from '../support/recipe.ts'
import { enrollWithPassword, PASSWORD, WRONG_PASSWORD } from '../support/recipe-login.ts'
import { requireTool } from '../support/run-tool.ts'
import { type LoginRequest, loginWithSsh } from '../support/ssh-client.ts'

/** What the recipe says before pam_exec's own "Password: ". */
const WANTED = 'Type your password, and the code right behind it.'

const CONNECTION = { SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 22' }

/** What may be the matter with an account, and what is typed for it then. */
const UNFIT = [
  { account: 'a locked password', spoil: ['usermod', '--lock'] },
  { account: 'no password at all', spoil: ['passwd', '--quiet', '--delete'] },
  { account: 'no password at all', spoil: ['passwd', '--quiet', '--delete'], password: '' },
  { account: 'an expired account', spoil: ['chage', '--expiredate', '0'] },
] as const

describeOnHost('password and code in one answer', (onHost) => {
  /** The recipe without its delay, run as sshd runs it. */
  function addService() {
    const { host, otpgate } = onHost()
    const lines = fillRecipe(otpgate, { recipe: 'password-and-code' }).split('\n')
    const service = host.addPamService(lines.filter((line) => !/faildelay/.test(line)).join('\n'))
    return (user: string, answer: string) => {
      const operations = ['authenticate', 'acct_mgmt']
      return runPamTester({ service, user, answers: [answer], env: CONNECTION, operations })
    }
  }

  test.each(UNFIT)('let nobody in with $account', async ({ spoil, ...each }) => {
    const { host, otpgate } = onHost()
    const run = addService()
    const { name, app } = await enrollWithPassword(host, otpgate)
    const [program, ...args] = spoil
    requireTool(program, [...args, name])
    const password = 'password' in each ? each.password : PASSWORD
    expect((await run(name, password + codeOf(app))).ok).toBe(false)
    expect(await readFailures(otpgate, name)).toBe(0)
  })

  test('are one guess at the code only where the password is right', async () => {
    const { host, otpgate } = onHost()
    const run = addService()
    const settings = { periodSeconds: steadyPeriodSeconds() }
    const { name, app } = await enrollWithPassword(host, otpgate, settings)
    const code = codeOf(app)
    const long = `${'x'.repeat(505)}${code}`
    for (const typed of ['', code, PASSWORD, WRONG_PASSWORD + code, long, `${PASSWORD} ${code}`]) {
      expect((await run(name, typed)).ok).toBe(false)
    }
    expect((await run('otpgate-test-nobody', PASSWORD + code)).ok).toBe(false)
    expect(await outlineLogins(otpgate, name)).toEqual([])
    expect((await run(name, PASSWORD + wrongCodeOf(app))).ok).toBe(false)
    expect(await readFailures(otpgate, name)).toBe(1)
    expect((await run(name, PASSWORD + code)).ok).toBe(true)
  })

  test('may be a long code or a recovery code, and are wanted beside a key', async () => {
    const { host, otpgate } = onHost()
    const settings = { digits: 8, recovery: true } as const
    const person = await enrollWithPassword(host, otpgate, settings)
    const { name: user, key, app, recoveryCodes } = person
    const login = (sshd: Awaited<ReturnType<typeof startRecipe>>, rest: Partial<LoginRequest>) =>
      loginWithSsh(sshd, { user, ...rest })

    const sshd = await startRecipe(host, otpgate, { recipe: 'password-and-code' })
    const long = await login(sshd, { answers: [PASSWORD + codeOf(app)] })
    expect(long).toMatchObject({ ok: true, prompts: ['Password: '], messages: [WANTED] })
    const recovery = await login(sshd, { answers: [PASSWORD + recoveryCodes[0]] })
    expect(recovery).toMatchObject({
      ok: true,
      messages: [WANTED, 'Recovery code used: 9 codes left.'],
    })

    const config = 'AuthenticationMethods publickey,keyboard-interactive:pam'
    const strict = await startRecipe(host, otpgate, { recipe: 'password-and-code', config })
    const answers = [PASSWORD + recoveryCodes[1]]
    expect((await login(strict, { answers })).ok).toBe(false)
    expect((await login(strict, { key, answers })).ok).toBe(true)
  })

  test('are refused for a name that is unknown, and for one that sshd turns away', async () => {
    const { host, otpgate } = onHost()
    const { name: user, app } = await enrollWithPassword(host, otpgate)
    const config = `AuthenticationMethods keyboard-interactive:pam\nDenyUsers ${user}`
    const sshd = await startRecipe(host, otpgate, { recipe: 'password-and-code', config })
    const answers = [PASSWORD + codeOf(app)]
    for (const name of [user, 'otpgate-test-nobody']) {
      const result = await loginWithSsh(sshd, { user: name, answers })
      expect(result).toMatchObject({ ok: false, prompts: ['Password: '], timedOut: false })
    }
    expect(await outlineLogins(otpgate, user)).toEqual([])
  })
})
