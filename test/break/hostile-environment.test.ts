import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outlineLogins, readFailures } from '../support/audit-record.ts'
import { addCodeService, BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'
import { IS_DAEMON_FRONT } from '../support/otpgate-host.ts'
import { runPamTester } from '../support/pam-tester.ts'
import { findFreePort } from '../support/tcp-port.ts'

/** A stopped Node would hang here until the verifier's own deadline of 20 s. */
const QUICK_MILLISECONDS = 15_000

/** Where a variable points, and what must stay empty or away. */
interface Trap {
  readonly script: string
  readonly directory: string
  readonly port: number
}

// test/e2e/pam-environment.test.ts sets NODE_OPTIONS=--require, OPENSSL_CONF, BASH_FUNC_* and their
// like all at once, and a second PAM_USER, PAM_TYPE, PAM_SERVICE and SSH_AUTH_INFO_0.
const VARIABLES: readonly {
  readonly name: string
  readonly value: (trap: Trap) => string
}[] = [
  { name: 'NODE_OPTIONS', value: ({ script }) => `--import=${script}` },
  { name: 'NODE_OPTIONS', value: ({ script }) => `--require=${script}` },
  { name: 'NODE_OPTIONS', value: ({ port }) => `--inspect-brk=127.0.0.1:${port}` },
  { name: 'NODE_V8_COVERAGE', value: ({ directory }) => directory },
  { name: 'NODE_REDIRECT_WARNINGS', value: ({ directory }) => join(directory, 'warnings') },
  { name: 'NODE_COMPILE_CACHE', value: ({ directory }) => directory },
  { name: 'NODE_EXTRA_CA_CERTS', value: () => '/dev/zero' },
  { name: 'OPENSSL_CONF', value: () => '/dev/zero' },
  { name: 'SSLKEYLOGFILE', value: ({ directory }) => join(directory, 'keys') },
  { name: 'BASH_FUNC_echo%%', value: ({ script }) => `() { . ${script}; }` },
  { name: 'SHELLOPTS', value: () => 'xtrace' },
  { name: 'TZ', value: () => '/dev/zero' },
  { name: 'FAKETIME', value: () => '+1h' },
  { name: 'UV_THREADPOOL_SIZE', value: () => '1000000' },
]

describeOnHost('a hostile variable in the environment of PAM', (onHost) => {
  test.each(VARIABLES)('$name steers nothing', async ({ name, value }) => {
    const { enroll, host, otpgate } = onHost()
    const directory = join(host.directory, `trap-${readdirSync(host.directory).length}`)
    mkdirSync(directory, { mode: 0o777 })
    const trace = join(directory, 'trace')
    const script = host.writeProgram(
      'evil.mjs',
      `await import('node:fs').then((fs) => fs.writeFileSync('${trace}', '')); process.exit(0)\n`,
    )
    const trap = { script, directory, port: await findFreePort() }
    const env = { ...BEHIND_A_KEY, [name]: value(trap) }
    const { name: user, app } = await enroll()
    const run = { service: addCodeService(host, otpgate), user, env, timeoutMs: QUICK_MILLISECONDS }

    const wrong = await runPamTester({ ...run, answers: [wrongCodeOf(app)] })
    expect(wrong).toMatchObject({ ok: false, timedOut: false })
    const right = await runPamTester({ ...run, answers: [codeOf(app)] })
    expect(right).toMatchObject({ ok: true, timedOut: false })
    expect(await outlineLogins(otpgate, user)).toEqual(['denied code-wrong', 'accepted totp'])
    expect(readdirSync(directory)).toEqual([])
    expect(await isListening(trap.port)).toBe(false)
  })

  test.each(['PAM_USER', 'PAM_SERVICE', 'PAM_TYPE'])('that lacks %s denies', async (variable) => {
    const { enroll, host, otpgate } = onHost()
    const service = addCodeService(host, otpgate, ['/usr/bin/env', '-u', variable])
    const { name: user, app } = await enroll()
    const run = { user, answers: [codeOf(app)], env: BEHIND_A_KEY }
    expect(await runPamTester({ ...run, service })).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, user)).toEqual([])
    const whole = addCodeService(host, otpgate)
    expect((await runPamTester({ ...run, service: whole })).ok).toBe(true)
  })

  // The client looks for eight names in it, and goes on however long it is.
  test.skipIf(IS_DAEMON_FRONT)(
    'that is too long for any of us denies, and charges nothing',
    async () => {
      const { enroll, host, otpgate } = onHost()
      const service = addCodeService(host, otpgate)
      const { name: user, app } = await enroll()
      const padding = Array.from({ length: 3 }, (_, index) => [`X${index}`, 'x'.repeat(100_000)])
      const env = { ...BEHIND_A_KEY, ...Object.fromEntries(padding) }
      const run = { service, user, answers: [codeOf(app)] }
      expect(await runPamTester({ ...run, env })).toMatchObject({ ok: false, timedOut: false })
      expect(await readFailures(otpgate, user)).toBe(0)
      expect((await runPamTester({ ...run, env: BEHIND_A_KEY })).ok).toBe(true)
      expect(existsSync('/core')).toBe(false)
    },
  )
})

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}
