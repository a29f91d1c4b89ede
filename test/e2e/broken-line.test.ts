import { chmodSync } from 'node:fs'
import { expect, test } from 'vitest'
import { outlineLogins } from '../support/audit-record.ts'
import { describeOnHost, type ShippedHost } from '../support/describe-on-host.ts'
import { codeOf, wrongCodeOf } from '../support/enrolled-person.ts'
import { startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

/** Ways for a line's program to fail, as the path that the line then names. */
const FAILURES = [
  { failure: 'is missing', place: () => '/nonexistent/otpgate-verify' },
  {
    failure: 'is not executable',
    place: ({ host, otpgate }: ShippedHost) => {
      const program = host.writeProgram('not-executable', relay(otpgate.verifier[0], ''))
      chmodSync(program, 0o644)
      return program
    },
  },
  {
    failure: 'is killed before it has done anything',
    place: ({ host }: ShippedHost) => host.writeProgram('killed', '#!/bin/sh\nkill -KILL $$\n'),
  },
  {
    failure: 'crashes after it has done its work',
    place: ({ host, otpgate }: ShippedHost) =>
      host.writeProgram('crashing', relay(otpgate.verifier[0], 'kill -SEGV $$')),
  },
] as const

describeOnHost('where the program of one line', (onHost) => {
  test.each(FAILURES)('$failure, the code line lets nobody in', async ({ place }) => {
    const { person, login } = await breakLine('code', place)
    expect(await login(codeOf(person.app))).toMatchObject({ ok: false, timedOut: false })
  })

  test.each(FAILURES)('$failure, the account line lets nobody in', async ({ place }) => {
    const { person, login } = await breakLine('account', place)
    expect(await login(codeOf(person.app))).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(onHost().otpgate, person.name)).toEqual(['accepted totp'])
  })

  test.each(FAILURES)('$failure, the line of excuses leads to the code', async ({ place }) => {
    const { person, login } = await breakLine('excused', place)
    const refused = await login(wrongCodeOf(person.app))
    expect(refused).toMatchObject({ ok: false, prompts: ['Password: '] })
    expect(await login(codeOf(person.app))).toMatchObject({ ok: true })
  })

  test('does what it should, all are let in', async () => {
    const relayed = ({ host, otpgate }: ShippedHost) =>
      host.writeProgram('relay', relay(otpgate.verifier[0], 'exit $status'))
    for (const line of ['excused', 'code', 'account'] as const) {
      const { person, login } = await breakLine(line, relayed)
      expect((await login(codeOf(person.app))).ok).toBe(true)
    }
  })

  async function breakLine(
    line: 'excused' | 'code' | 'account',
    place: (shipped: ShippedHost) => string,
  ) {
    const { enroll, host, otpgate } = onHost()
    const programs = { [line]: place(onHost()) }
    const sshd = await startShippedSshd(host, otpgate, { programs })
    const person = await enroll()
    const { name: user, key } = person
    const login = (code: string) => loginWithSsh(sshd, { user, key, answers: [code] })
    return { person, login }
  }
})

/** Runs the real verifier, and then something else. */
function relay(verifier: string, after: string): string {
  return `#!/bin/sh\n${verifier} "$@"\nstatus=$?\n${after}\n`
}
