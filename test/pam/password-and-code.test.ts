import { describe, expect, test } from 'vitest'
import { codeFor, createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { verify } from './verifier-world.ts'

const ARGS = ['--password-and-code'] as const
const PASSWORD = 'correct horse'
const NO_FACTOR = { sshAuthInfo: undefined }
const passwords = {
  isRight: (name: string | undefined, typed: Buffer) =>
    name === 'alice' && typed.toString() === PASSWORD,
}

async function enrolled() {
  const ports = createTestPorts()
  const { secret, recoveryCodes } = await enrollAlice(ports)
  const run = (answer: string) =>
    verify({ ports, answer, args: ARGS, environment: NO_FACTOR, world: { passwords } })
  return { ports, run, code: codeFor(ports, secret), recoveryCode: recoveryCodes[0] ?? '' }
}

describe('the verifier with --password-and-code', () => {
  test('says yes to both, once, and to neither alone', async () => {
    const { code, run } = await enrolled()
    expect((await run(code)).isAdmitted).toBe(false)
    expect((await run(PASSWORD)).isAdmitted).toBe(false)
    expect((await run(`wrong${code}`)).isAdmitted).toBe(false)
    expect((await run(PASSWORD + code)).isAdmitted).toBe(true)
    expect((await run(PASSWORD + code)).isAdmitted).toBe(false)
  })

  test('tells the log which of the two was wrong, and the person nothing', async () => {
    const { code, run } = await enrolled()
    const wrong = code === '000000' ? '111111' : '000000'
    const runs = [await run(`wrong${code}`), await run(PASSWORD + wrong), await run(PASSWORD)]
    expect(runs.map(({ said }) => said)).toEqual([[], [], []])
    expect(runs.map(({ logged }) => /reason=(\S+)/.exec(logged[0]?.line ?? '')?.[1])).toEqual([
      'password-wrong',
      'code-wrong',
      'not-a-code',
    ])
    expect(JSON.stringify(runs)).not.toContain(PASSWORD)
    expect(JSON.stringify(runs)).not.toContain(code)
  })

  test('tells how many recovery codes are left', async () => {
    const { recoveryCode, run } = await enrolled()
    const { isAdmitted, said } = await run(PASSWORD + recoveryCode)
    expect(isAdmitted).toBe(true)
    expect(said).toEqual(['Recovery code used: 9 codes left.'])
  })

  test('is for the auth phase', async () => {
    const run = await verify({ args: ARGS, environment: { type: 'account' } })
    expect(run).toMatchObject({ isAdmitted: false, opened: 0, answersRead: 0 })
  })
})
