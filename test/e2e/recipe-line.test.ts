import { expect, test } from 'vitest'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, enrollAnew, wrongCodeOf } from '../support/enrolled-person.ts'
import { type HelperLine, type RecipeName, startRecipe } from '../support/recipe.ts'
import { loginBy, PASSWORD, type RecipePerson, WAYS, type Way } from '../support/recipe-login.ts'
import { addSwitchedProgram, FAULTS } from '../support/switched-program.ts'

interface Case {
  readonly recipe: Exclude<RecipeName, 'key-then-code'>
  readonly line: HelperLine
  /** What becomes of somebody who has both factors right. */
  readonly right: 'refused' | 'let in'
}

/** The lines of the recommended recipe are in broken-line.test.ts. */
const CASES: readonly Case[] = [
  { recipe: 'password-then-code', line: 'first-factor-missing', right: 'refused' },
  { recipe: 'password-then-code', line: 'excused', right: 'let in' },
  { recipe: 'password-then-code', line: 'code', right: 'refused' },
  { recipe: 'password-then-code', line: 'account', right: 'refused' },
  { recipe: 'password-and-code', line: 'password-and-code', right: 'refused' },
  { recipe: 'password-and-code', line: 'account', right: 'refused' },
  { recipe: 'group-first', line: 'outside-group', right: 'let in' },
  { recipe: 'group-first', line: 'excused', right: 'let in' },
  { recipe: 'group-first', line: 'code', right: 'refused' },
  { recipe: 'group-first', line: 'outside-group of account', right: 'let in' },
  { recipe: 'group-first', line: 'account', right: 'refused' },
  { recipe: 'lean', line: 'code', right: 'refused' },
  { recipe: 'lean', line: 'account', right: 'refused' },
]

/** Password before key: where the first factor is the line's business, it is the password's. */
function wayInto(recipe: RecipeName): Way {
  const ways = WAYS.filter((way) => way.recipe === recipe)
  const way = ways.find(({ by }) => by.startsWith('password')) ?? ways[0]
  if (way === undefined) throw new Error(`no way into ${recipe}`)
  return way
}

describeOnHost('where the program of one line fails', (onHost) => {
  test.concurrent.each(CASES)('$recipe, the line $line: who has both is $right', async (each) => {
    const { login, program, renew } = await setUp(onHost(), each)
    for (const fault of FAULTS) {
      await renew()
      program.breakBy(fault)
      const twice = fault === 'missing'
      expect(await login(twice ? 'the password' : 'wrong')).toMatchObject({ ok: false })
      expect(await login('right')).toMatchObject({ ok: each.right === 'let in', timedOut: false })
      program.mend()
    }
    await renew()
    expect(await login('right')).toMatchObject({ ok: true })
  })
})

async function setUp({ host, otpgate }: ShippedHost, { recipe, line }: Case) {
  const program = addSwitchedProgram(host, otpgate, `${recipe} ${line}`.replaceAll(' ', '-'))
  const user = host.addUser({ password: PASSWORD })
  const options = { recipe, group: user.name, programs: { [line]: program.path } }
  const sshd = await startRecipe(host, otpgate, options)
  let person: RecipePerson | undefined
  const renew = async () => {
    person = { ...(await enrollAnew(otpgate, user)), stranger: user.key }
  }
  await otpgate.require(['enroll', user.name, '--no-confirm', '--no-recovery', '--json'])
  // The password a second time is what gets in where a failing line jumps to the wrong place.
  const login = (code: 'right' | 'wrong' | 'the password') => {
    if (person === undefined) throw new Error('nobody is enrolled')
    const wrong = code === 'wrong' ? wrongCodeOf(person.app) : PASSWORD
    const typed = code === 'right' ? codeOf(person.app) : wrong
    return loginBy(wayInto(recipe), sshd, person, 'right', typed)
  }
  return { login, program, renew }
}
