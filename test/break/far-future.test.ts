import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { codeOf, type EnrolledPerson, enrollPerson } from '../support/enrolled-person.ts'
import { canRunEndToEnd, canRunWith } from '../support/host-requirement.ts'
import {
  COMMAND_LINE,
  IS_DAEMON_FRONT,
  type Otpgate,
  type OtpgateHost,
  openOtpgateHost,
} from '../support/otpgate-host.ts'
import { runProgram } from '../support/run-program.ts'

const PERIOD_SECONDS = 30
const IN_2038 = 2_147_483_648
const IN_2106 = 4_294_967_296
/** The last test vector of RFC 6238 appendix B. */
const IN_2603 = 20_000_000_000

// A daemon has the clock of the host.
const canFakeTime = () =>
  !IS_DAEMON_FRONT && canRunEndToEnd() && canRunWith('tests of the far future', ['faketime'])

describe.skipIf(!canFakeTime())('the programs in the far future', () => {
  let host: OtpgateHost
  let otpgate: Otpgate
  let person: EnrolledPerson

  beforeAll(async () => {
    host = openOtpgateHost()
    otpgate = await host.install()
    person = await enrollPerson(otpgate, host.addUser(), { periodSeconds: PERIOD_SECONDS })
  })

  afterAll(() => host?.close())

  /** The launcher, which starts Node that many steps from now: past it, no variable gets through. */
  function launch(name: string, steps: number): string {
    const file = join(dirname(COMMAND_LINE), name)
    const text = readFileSync(file, 'utf8')
      .replace(/^root=.*$/m, `root=${join(dirname(file), '..')}`)
      .replace('[ ! -L "$0" ]', ':')
    const faked = text.replace(
      '"$node" --disable-sigusr1',
      `/usr/bin/faketime -f +${steps * PERIOD_SECONDS}s "$node" --disable-sigusr1`,
    )
    expect(faked).not.toBe(text)
    return host.writeProgram(`${basename(name)}-${steps}`, faked)
  }

  test.each([
    { year: 2038, at: IN_2038 },
    { year: 2106, at: IN_2106 },
    { year: 2603, at: IN_2603 },
  ])('take a code once and say when it was: $year', async ({ year, at }) => {
    const steps = Math.ceil((at - Date.now() / 1000) / PERIOD_SECONDS)
    const verifier = launch('otpgate-verify', steps)
    const [, ...fixed] = otpgate.verifier
    const run = async (type: string, args: readonly string[], input: string) => {
      const pam = { PAM_TYPE: type, PAM_SERVICE: 'sshd', PAM_TTY: 'ssh', PAM_USER: person.name }
      const env = { ...BEHIND_A_KEY, ...pam }
      return runProgram(verifier, [...fixed, ...args], { env, input })
    }
    const code = codeOf(person.app, steps)
    expect(await run('auth', [], codeOf(person.app))).toMatchObject({ status: 1 })
    expect(await run('auth', [], code)).toMatchObject({ status: 0 })
    expect(await run('auth', [], code)).toMatchObject({ status: 1 })
    expect(await run('account', ['--account'], '')).toMatchObject({ status: 0 })

    const command = launch('otpgate', steps)
    const shown = await runProgram(command, [...fixed, 'show', person.name, '--json'])
    expect(shown.status).toBe(0)
    expect(JSON.parse(shown.stdout)).toMatchObject({
      last_login: expect.stringMatching(new RegExp(`^${year}-\\d\\d-\\d\\dT`)),
    })
    expect(await runProgram(command, [...fixed, 'audit', 'verify'])).toMatchObject({ status: 0 })
  })

  test('is not got out of by a right code once the clock is right again; reset and enroll are', async () => {
    const [program, ...fixed] = otpgate.verifier
    const env = { ...BEHIND_A_KEY, PAM_TYPE: 'auth', PAM_SERVICE: 'sshd', PAM_USER: person.name }
    const behind = await runProgram(program, fixed, { env, input: codeOf(person.app) })
    expect(behind).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('clock of this host'),
    })
    await otpgate.require(['reset', person.name, '--yes'])
    const { name } = person
    const options = ['--secret-stdin', '--no-confirm', '--no-recovery', '--json']
    await otpgate.require(['enroll', name, ...options], `${person.app.secretBase32}\n`)
    const mended = await runProgram(program, fixed, { env, input: codeOf(person.app) })
    expect(mended).toMatchObject({ status: 0 })
  })
})
