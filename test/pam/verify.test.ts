import { describe, expect, test } from 'vitest'
import { AppError, type ErrorCode } from '../../src/base/errors.ts'
import { DEFAULT_PROMPT } from '../../src/domain/message.ts'
import type { VerifierWorld } from '../../src/pam/world.ts'
import { toUid } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  codeFor,
  createTestPorts,
  enrollAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { type VerifierRun, verify } from './verifier-world.ts'

const MODES = [[], ['--excused'], ['--account']] as const
const NO_FACTOR = { sshAuthInfo: undefined }

async function enrolled() {
  const ports = createTestPorts()
  return { ports, ...(await enrollAlice(ports)) }
}

function failing(code: ErrorCode) {
  return () => {
    throw new AppError(code, 'it is broken')
  }
}

function withBrokenStore(ports: TestPorts, error: Error): TestPorts {
  const fail = () => Promise.reject(error)
  return {
    ...ports,
    store: { transact: fail },
    register: { ...ports.register, find: fail },
  }
}

/** One line about what broke, a no, and of what was opened nothing left open. */
function expectBroken(run: VerifierRun, code: string): void {
  expect(run.isAdmitted).toBe(false)
  expect(run.logged).toHaveLength(1)
  expect(run.logged[0]?.priority).toBe('err')
  expect(run.logged[0]?.line).toMatch(new RegExp(`^error .*reason=${code}\\b`))
  expect(run.closed).toBe(run.opened)
}

describe('the verifier, called wrongly,', () => {
  test.each([
    [['--nope']],
    [['--excused', '--account']],
    [['--config', 'relative']],
  ])('with %j looks at nothing and says no', async (args) => {
    const run = await verify({ args })
    expectBroken(run, 'ERR_USAGE')
    expect(run).toMatchObject({ opened: 0, answersRead: 0 })
  })

  test.each([
    { args: [], type: 'account' },
    { args: [], type: 'open_session' },
    { args: [], type: undefined },
    { args: ['--excused'], type: 'account' },
    { args: ['--account'], type: 'auth' },
    { args: ['--account'], type: undefined },
    { args: ['--account'], type: '' },
  ])('$args in the phase $type says no before anything is opened', async ({ args, type }) => {
    const run = await verify({ args, environment: { type } })
    expectBroken(run, 'ERR_PAM_ENVIRONMENT')
    expect(run).toMatchObject({ opened: 0, answersRead: 0 })
  })

  test.each([{ user: undefined }, { service: undefined }])('without %j says no', async (fields) => {
    for (const args of MODES) {
      expectBroken(await verify({ args, environment: fields }), 'ERR_PAM_ENVIRONMENT')
    }
  })
})

describe('the verifier, with something broken,', () => {
  const causes: readonly { what: string; code: string; world: Partial<VerifierWorld> }[] = [
    {
      what: 'an environment',
      code: 'ERR_PAM_ENVIRONMENT',
      world: { readEnvironment: failing('ERR_PAM_ENVIRONMENT') },
    },
    {
      what: 'a configuration',
      code: 'ERR_CONFIG_INVALID',
      world: { loadConfig: failing('ERR_CONFIG_INVALID') },
    },
    { what: 'a key', code: 'ERR_KEY_MISSING', world: { openPorts: failing('ERR_KEY_MISSING') } },
    {
      what: 'a database',
      code: 'ERR_STORE_CORRUPT',
      world: { openPorts: failing('ERR_STORE_CORRUPT') },
    },
    {
      what: 'what nobody foresaw',
      code: 'ERR_INTERNAL',
      world: {
        openPorts: () => {
          throw new TypeError('x is not a function')
        },
      },
    },
  ]

  test.each(causes)('$what, says no in every phase, and logs why', async ({ code, world }) => {
    for (const args of MODES) expectBroken(await verify({ args, world }), code)
  })

  test.each(causes)('$what, asks for the code as ever', async ({ world }) => {
    const { said } = await verify({ args: ['--excused'], world })
    expect(said).toEqual([DEFAULT_PROMPT])
    expect((await verify({ world })).said).toEqual([])
    expect((await verify({ args: ['--account'], world })).said).toEqual([])
  })

  test('an answer, says no', async () => {
    const run = await verify({ world: { readAnswer: failing('ERR_DEADLINE') } })
    expectBroken(run, 'ERR_DEADLINE')
  })

  test.each([
    { error: new AppError('ERR_STORE_FULL', 'no space left'), code: 'ERR_STORE_FULL' },
    { error: new AppError('ERR_DEADLINE', 'too late'), code: 'ERR_DEADLINE' },
    { error: new RangeError('nobody foresaw this'), code: 'ERR_INTERNAL' },
  ])('a store that throws $code after it was opened, closes it', async ({ error, code }) => {
    for (const args of MODES) {
      const ports = withBrokenStore(createTestPorts(), error)
      const run = await verify({ args, ports, answer: '123456' })
      expectBroken(run, code)
      expect(run.opened).toBe(1)
    }
  })

  test('a passwd database, does not take somebody for unknown', async () => {
    const passwd = { ...createTestPorts().passwd, findByName: failing('ERR_PASSWD_FAILED') }
    for (const args of MODES) {
      const run = await verify({ args, ports: { ...createTestPorts(), passwd } })
      expectBroken(run, 'ERR_PASSWD_FAILED')
    }
  })

  test('a log, decides as it would have', async () => {
    const { ports, secret } = await enrolled()
    const world = { logAuth: () => false }
    expect(await verify({ ports, world, answer: codeFor(ports, secret) })).toMatchObject({
      isAdmitted: true,
    })
    expect(await verify({ ports, world, answer: codeFor(ports, secret) })).toMatchObject({
      isAdmitted: false,
    })
  })

  test('shows the prompt of the configuration where that could be read', async () => {
    const toml = '[messages]\nprompt = "Code, please."\n'
    const ports = withBrokenStore(createTestPorts(), new AppError('ERR_STORE_LOCKED', 'locked'))
    expect((await verify({ args: ['--excused'], ports, toml })).said).toEqual(['Code, please.'])
  })
})

describe('a login', () => {
  test('by the right code is admitted, logged in one line, and without a word', async () => {
    const { ports, secret } = await enrolled()
    const run = await verify({ ports, answer: codeFor(ports, secret) })
    expect(run).toMatchObject({ isAdmitted: true, said: [], opened: 1, closed: 1 })
    expect(run.logged).toEqual([
      {
        priority: 'info',
        line: expect.stringMatching(
          /^accepted user=alice method=totp device=phone from=192\.0\.2\.7 service=sshd first="publickey SHA256:\S+" audit=\d+:[0-9a-f]{8}$/,
        ),
      },
    ])
  })

  test('by the same code again is denied, and told why', async () => {
    const { ports, secret } = await enrolled()
    const answer = codeFor(ports, secret)
    await verify({ ports, answer })
    const run = await verify({ ports, answer })
    expect(run).toMatchObject({ isAdmitted: false, closed: 1 })
    expect(run.said).toEqual(['That code was used already. Wait for the next one.'])
    expect(run.logged[0]?.line).toContain('denied user=alice reason=code-replayed')
  })

  test('by a recovery code tells how many are left', async () => {
    const { ports, recoveryCodes } = await enrolled()
    const run = await verify({ ports, answer: recoveryCodes[0] ?? '' })
    expect(run).toMatchObject({ isAdmitted: true, said: ['Recovery code used: 9 codes left.'] })
  })

  test('leaves a ticket for its account phase, which serves once and says nothing', async () => {
    const { ports, secret } = await enrolled()
    await verify({ ports, answer: codeFor(ports, secret) })
    const first = await verify({ ports, args: ['--account'] })
    expect(first).toMatchObject({ isAdmitted: true, said: [], logged: [], answersRead: 0 })
    const second = await verify({ ports, args: ['--account'] })
    expect(second).toMatchObject({ isAdmitted: false, said: [] })
    expect(second.logged[0]?.line).toContain('reason=ticket-missing')
  })

  test('that nothing excuses is asked for a code, and not logged yet', async () => {
    const { ports } = await enrolled()
    const run = await verify({ ports, args: ['--excused'] })
    expect(run).toMatchObject({ isAdmitted: false, said: [DEFAULT_PROMPT], logged: [] })
    expect(run).toMatchObject({ answersRead: 0, closed: 1 })
  })

  test('that a rule excuses is admitted, and logged with the rule', async () => {
    const toml = '[policy]\nunenrolled = "allow"\n'
    const run = await verify({ args: ['--excused'], toml })
    expect(run).toMatchObject({ isAdmitted: true, said: [], closed: 1 })
    expect(run.logged).toEqual([
      {
        priority: 'info',
        line: expect.stringContaining('excused user=alice rule=unenrolled-allow'),
      },
    ])
  })

  test('is never excused without a first factor, whatever the rule', async () => {
    const toml = '[policy]\nunenrolled = "allow"\n'
    const run = await verify({ args: ['--excused'], toml, environment: NO_FACTOR })
    expect(run).toMatchObject({ isAdmitted: false, said: [DEFAULT_PROMPT] })
  })

  test('by a code alone is denied before the code is looked at', async () => {
    const { ports, secret } = await enrolled()
    const answer = codeFor(ports, secret)
    const run = await verify({ ports, answer, environment: NO_FACTOR })
    expect(run).toMatchObject({ isAdmitted: false, said: [] })
    expect(run.logged[0]?.line).toContain('reason=first-factor-missing')
    expect((await verify({ ports, answer })).isAdmitted).toBe(true)
  })

  test.each(['mallory', '', 'root'])('of %j, who is nobody here, is denied', async (user) => {
    for (const args of MODES) {
      const { isAdmitted } = await verify({ args, environment: { user }, answer: '123456' })
      expect(isAdmitted).toBe(false)
    }
  })

  test('under a name that somebody else has now is denied', async () => {
    const { ports, secret } = await enrolled()
    const other = { ...ALICE_ENTRY, uid: toUid(4711) }
    const passwd = { ...ports.passwd, findByName: () => other }
    const run = await verify({ ports: { ...ports, passwd }, answer: codeFor(ports, secret) })
    expect(run).toMatchObject({ isAdmitted: false })
    expect(run.logged[0]?.line).toContain('reason=uid-changed')
  })
})
