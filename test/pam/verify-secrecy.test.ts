import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { DEFAULT_PROMPT } from '../../src/domain/message.ts'
import { ALICE } from '../support/account-fixture.ts'
import { codeFor, createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { type Verification, verify } from './verifier-world.ts'

const MODES = [[], ['--excused'], ['--account']] as const
const NO_FACTOR = { sshAuthInfo: undefined }
const SUDO = { service: 'sudo', tty: 'pts/1', sshConnection: undefined, sshAuthInfo: undefined }

async function enrolled() {
  const ports = createTestPorts()
  return { ports, ...(await enrollAlice(ports)) }
}

describe('what a stranger sees', () => {
  const strangers: readonly Verification[] = [
    { environment: NO_FACTOR },
    { environment: { ...NO_FACTOR, user: 'mallory' } },
    { environment: { sshAuthInfo: '' } },
    { environment: { sshAuthInfo: 'keyboard-interactive\n' } },
    { environment: { sshAuthInfo: 'none' } },
    { environment: SUDO },
  ]

  test.each(strangers)('before a first factor is nothing: $environment', async (stranger) => {
    const { ports, secret, recoveryCodes } = await enrolled()
    const answers = ['', '12345', '000000', codeFor(ports, secret), recoveryCodes[0] ?? '']
    for (const answer of [...answers, ...answers]) {
      expect((await verify({ ...stranger, ports, answer })).said).toEqual([])
    }
  })

  test('instead of the prompt is the prompt, for whoever they say they are', async () => {
    const { ports } = await enrolled()
    for (const user of [ALICE, 'mallory', '-x', 'a\nb']) {
      const run = await verify({ ports, args: ['--excused'], environment: { user } })
      expect(run.said).toEqual([DEFAULT_PROMPT])
    }
  })
})

describe('what is logged', () => {
  const invalidConfig = () => {
    throw new AppError('ERR_CONFIG_INVALID', 'it is broken')
  }

  test('is one printable line, whatever came in', async () => {
    const nasty = 'a\nroot accepted user=root \x1b[31m\u009b" \u202e='
    const environment = { user: nasty, service: nasty, remoteHost: nasty, sshConnection: undefined }
    for (const args of MODES) {
      const runs = [
        await verify({ args, environment }),
        await verify({ args, environment, world: { loadConfig: invalidConfig } }),
        await verify({ args, environment: { user: nasty, type: 'password' } }),
      ]
      for (const { line } of runs.flatMap(({ logged }) => logged)) {
        expect(line).toMatch(/^[ -~]+$/)
        expect(line.replace(/"[^"]*"/g, '').split(' user=').length).toBeLessThanOrEqual(2)
        expect(line).not.toMatch(/^accepted/)
      }
    }
  })

  test.each([
    'correct horse battery staple',
    'hunter2',
    '12345',
    '123456789',
    '0000-0000-0000-0000',
    'x'.repeat(512),
    'caf\u00e9',
    '\b\n\r\x7fINCORRECT',
    'a\nb\0c',
  ])('never holds an answer, nor is it said: %j', async (typed) => {
    const { ports } = await enrolled()
    for (const environment of [{}, NO_FACTOR, SUDO]) {
      const run = await verify({ ports, answer: typed, environment })
      expect(run.isAdmitted).toBe(false)
      const shown = JSON.stringify([run.logged, run.said])
      expect(shown).not.toContain(typed)
      expect(shown).not.toContain(JSON.stringify(typed).slice(1, -1))
    }
  })

  test('never holds a code either, right or wrong', async () => {
    const { ports, secret, recoveryCodes } = await enrolled()
    const recovery = recoveryCodes[0] ?? ''
    const codes = [codeFor(ports, secret), codeFor(ports, secret, 500), recovery, recovery]
    for (const answer of codes) {
      const run = await verify({ ports, answer })
      const shown = JSON.stringify([run.logged, run.said])
      expect(shown).not.toContain(answer)
      expect(shown).not.toContain(answer.slice(-4))
    }
  })
})
