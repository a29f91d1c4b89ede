import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { createTestPorts } from '../support/app-fixture.ts'
import { type Verification, type VerifierRun, verify } from './verifier-world.ts'

/** Neither configuration nor database: both would throw here. */
function ask(verification: Verification): Promise<VerifierRun> {
  const unreachable = () => {
    throw new AppError('ERR_CONFIG_INVALID', 'it was read')
  }
  const world = { loadConfig: unreachable, openPorts: unreachable, ...verification.world }
  return verify({ ...verification, world })
}

describe('whether a first factor is missing', () => {
  const MISSING = ['--first-factor-missing']

  test.each([
    undefined,
    '',
    '\n',
    'keyboard-interactive/pam\n',
    'none',
    'publickeyx a b',
  ])('is a yes, without a word, for %j', async (sshAuthInfo) => {
    const run = await ask({ args: MISSING, environment: { sshAuthInfo } })
    expect(run).toMatchObject({ isAdmitted: true, said: [], logged: [], answersRead: 0 })
  })

  test.each([
    'publickey ssh-ed25519 AAAA\n',
    'password\n',
    'hostbased ssh-ed25519 AAAA\n',
    'gssapi-with-mic alice@EXAMPLE.ORG\n',
    'keyboard-interactive/pam\npassword\n',
  ])('is a no for %j', async (sshAuthInfo) => {
    const run = await ask({ args: MISSING, environment: { sshAuthInfo } })
    expect(run).toMatchObject({ isAdmitted: false, said: [], logged: [] })
  })

  test('is a no for whatever breaks', async () => {
    const environment = { sshAuthInfo: undefined }
    const broken = () => {
      throw new AppError('ERR_PAM_ENVIRONMENT', 'SSH_AUTH_INFO_0 occurs twice')
    }
    const runs = [
      await ask({ args: MISSING, world: { readEnvironment: broken } }),
      await ask({ args: MISSING, environment: { ...environment, type: 'account' } }),
      await ask({ args: MISSING, environment: { ...environment, type: undefined } }),
      await ask({ args: MISSING, environment: { ...environment, user: undefined } }),
      await ask({ args: [...MISSING, '--config'], environment }),
      await ask({ args: [...MISSING, '--excusd'], environment }),
    ]
    expect(runs.map(({ isAdmitted }) => isAdmitted)).toEqual(runs.map(() => false))
  })
})

describe('whether somebody is outside a group', () => {
  const OUTSIDE = ['--outside-group', 'otpgate']
  const askWith = (groups: { joined: string[]; missing: string[] }, type = 'auth') => {
    const passwd = { ...createTestPorts().passwd, findGroups: () => groups }
    const world = { openPasswd: () => passwd }
    return ask({ args: OUTSIDE, environment: { type }, world })
  }

  test.each(['auth', 'account'])('is a yes in the phase %s where that is certain', async (type) => {
    const run = await askWith({ joined: [], missing: [] }, type)
    expect(run).toMatchObject({ isAdmitted: true, said: [], logged: [] })
  })

  test('is a no for members, for a group that is not there, and in other phases', async () => {
    expect((await askWith({ joined: ['otpgate'], missing: [] })).isAdmitted).toBe(false)
    expect((await askWith({ joined: [], missing: ['otpgate'] })).isAdmitted).toBe(false)
    const run = await askWith({ joined: [], missing: [] }, 'open_session')
    expect(run.isAdmitted).toBe(false)
  })

  test('is a no, on the log, where it could not be found out', async () => {
    const findGroups = () => {
      throw new AppError('ERR_PASSWD_FAILED', 'cannot ask the group database')
    }
    const passwd = { ...createTestPorts().passwd, findGroups }
    const run = await ask({ args: OUTSIDE, world: { openPasswd: () => passwd } })
    expect(run).toMatchObject({ isAdmitted: false, said: [], logged: [{ priority: 'err' }] })
  })
})
