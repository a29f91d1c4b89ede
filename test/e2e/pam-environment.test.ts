import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { addCodeService, BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'
import { runPamTester } from '../support/pam-tester.ts'

/** Runs a program with one more SSH_AUTH_INFO_0 than there is: neither PAM nor a shell would. */
const ONE_MORE = `#!/usr/bin/python3 -I
import ctypes, sys
def array(items): return (ctypes.c_char_p * (len(items) + 1))(*items, None)
environment = open('/proc/self/environ', 'rb').read().split(b'\\0')[:-1]
arguments = [argument.encode() for argument in sys.argv[1:]]
environment.append(b'SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA')
ctypes.CDLL(None).execve(arguments[0], array(arguments), array(environment))
`

/** What sshd says before anything has passed, and after a pass that was ours. */
const NO_FIRST_FACTOR: readonly Readonly<Record<string, string>>[] = [
  {},
  { SSH_AUTH_INFO_0: '' },
  { SSH_AUTH_INFO_0: 'keyboard-interactive/pam' },
]

describeOnHost('the environment of PAM', (onHost) => {
  test.each([
    { name: 'PAM_USER', value: 'root' },
    { name: 'PAM_TYPE', value: 'auth' },
    { name: 'PAM_SERVICE', value: 'sshd' },
  ])('with a second $name denies, and uses no code up', async ({ name, value }) => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate)
    const { name: user, app } = await enroll()
    const run = { service, user, answers: [codeOf(app)] }
    const twice = await runPamTester({ ...run, env: { ...BEHIND_A_KEY, [name]: value } })
    expect(twice).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, user)).toEqual([])
    expect((await runPamTester({ ...run, env: BEHIND_A_KEY })).ok).toBe(true)
  })

  test('with a second SSH_AUTH_INFO_0 denies', async () => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate, [host.writeProgram('one-more', ONE_MORE)])
    const { name: user, app } = await enroll()
    const run = { service, user, answers: [codeOf(app)] }
    expect((await runPamTester({ ...run, env: BEHIND_A_KEY })).ok).toBe(false)
    const { SSH_CONNECTION } = BEHIND_A_KEY
    expect((await runPamTester({ ...run, env: { SSH_CONNECTION } })).ok).toBe(true)
  })

  test.each(NO_FIRST_FACTOR)('with %j beside a connection denies a right code', async (info) => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate)
    const { name: user, app } = await enroll()
    const run = { service, user, answers: [codeOf(app)] }
    const { SSH_CONNECTION } = BEHIND_A_KEY
    expect((await runPamTester({ ...run, env: { SSH_CONNECTION, ...info } })).ok).toBe(false)
    expect((await runPamTester({ ...run, env: BEHIND_A_KEY })).ok).toBe(true)
  })

  test('cannot make the verifier run anything else', async () => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate)
    const { name: user, app } = await enroll()
    const trace = join(host.directory, 'trace')
    const env = { ...BEHIND_A_KEY, ...hostileEnvironment(trace) }
    const wrong = await runPamTester({ service, user, answers: [wrongCodeOf(app)], env })
    expect(wrong).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, user)).toEqual(['denied code-wrong'])
    expect((await runPamTester({ service, user, answers: [codeOf(app)], env })).ok).toBe(true)
    expect(existsSync(trace)).toBe(false)
  })

  /** Each of these is code that says yes, for Node, for a shell or by way of PATH. */
  function hostileEnvironment(trace: string): Readonly<Record<string, string>> {
    const { host } = onHost()
    mkdirSync(join(host.directory, 'path'))
    const shell = host.writeProgram('evil.sh', `: >${trace}; exit 0\n`)
    for (const name of ['node', 'env', 'sh']) {
      host.writeProgram(`path/${name}`, `#!/bin/sh\n: >${trace}; exit 0\n`)
    }
    const script = host.writeProgram(
      'evil.cjs',
      `require('node:fs').writeFileSync('${trace}', ''); process.exit(0)\n`,
    )
    return {
      NODE_OPTIONS: `--require=${script}`,
      NODE_PATH: host.directory,
      OPENSSL_CONF: script,
      ENV: shell,
      BASH_ENV: shell,
      'BASH_FUNC_ulimit%%': `() { : >${trace}; exit 0; }`,
      PATH: join(host.directory, 'path'),
    }
  }
})
