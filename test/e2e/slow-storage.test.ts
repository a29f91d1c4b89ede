import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRawDatabase, outlineLogins } from '../support/audit-record.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import {
  codeOf,
  type EnrolledPerson,
  enrollPerson,
  steadyPeriodSeconds,
} from '../support/enrolled-person.ts'
import type { Otpgate, OtpgateHost } from '../support/otpgate-host.ts'
import { type HelperLine, startShippedSshd } from '../support/shipped-sshd.ts'
import { loginWithSsh } from '../support/ssh-client.ts'

const DEADLINE_MS = 20_000
const PATIENCE_MS = 45_000
const POLL = { timeout: PATIENCE_MS, interval: 50 } as const

/** Another process that writes keeps everybody else from writing. */
const WRITE_LOCK = ['BEGIN IMMEDIATE']
/** Keeps everybody else from reading as well. */
const EXCLUSIVE_LOCK = ['PRAGMA locking_mode = EXCLUSIVE', 'BEGIN EXCLUSIVE']

// At the same time, so that the deadline is waited for once.
describeOnHost('a database locked for longer than the deadline', (onHost) => {
  test.concurrent('denies at the code line, and uses nothing up', async () => {
    const { person, login, blockWith, otpgate } = await prepare('code')
    const code = codeOf(person.app)
    const pending = login(code)
    await blockWith(WRITE_LOCK)
    expect(await pending).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, person.name)).toEqual([])
    expect((await onceMore(otpgate, person, code)).ok).toBe(true)
  })

  test.concurrent('denies at the account line, after a right code', async () => {
    const { person, login, blockWith, otpgate } = await prepare('account')
    const pending = login(codeOf(person.app))
    await blockWith(WRITE_LOCK)
    expect(await pending).toMatchObject({ ok: false, timedOut: false })
    expect(await outlineLogins(otpgate, person.name)).toEqual(['accepted totp'])
    expect((await onceMore(otpgate, person, codeOf(person.app, 1))).ok).toBe(true)
  })

  test.concurrent('leads from the line of excuses to the code', async () => {
    const { person, login, blockWith } = await prepare('excused')
    const pending = login(codeOf(person.app))
    await blockWith(EXCLUSIVE_LOCK)
    expect(await pending).toMatchObject({ ok: true, prompts: ['Password: '] })
  })

  async function prepare(line: HelperLine) {
    const { host } = onHost()
    const otpgate = await host.install()
    const gate = addGate(host, otpgate, line)
    const sshd = await startShippedSshd(host, otpgate, { programs: { [line]: gate.program } })
    const settings = { periodSeconds: steadyPeriodSeconds() }
    const person = await enrollPerson(otpgate, host.addUser(), settings)
    const { name: user, key } = person
    const login = (code: string) =>
      loginWithSsh(sshd, { user, key, answers: [code], timeoutMs: PATIENCE_MS })
    return { person, otpgate, login, blockWith: gate.blockWith }
  }

  async function onceMore(otpgate: Otpgate, { name: user, key }: EnrolledPerson, code: string) {
    const sshd = await startShippedSshd(onHost().host, otpgate)
    return loginWithSsh(sshd, { user, key, answers: [code] })
  }
})

/**
 * The verifier of one line behind a gate: it starts once the database is locked, so that the lines
 * before it have done their work, and the lock is given back once it has ended.
 */
function addGate(host: OtpgateHost, otpgate: Otpgate, line: HelperLine) {
  const mark = (name: string) => join(host.directory, `${line}-${name}`)
  const [arrived, go, done] = [mark('arrived'), mark('go'), mark('done')] as const
  const program = host.writeProgram(
    `gate-${line}`,
    `#!/bin/sh
: >${arrived}
while [ ! -e ${go} ]; do sleep 0.05; done
${otpgate.verifier[0]} "$@"
status=$?
: >${done}
exit $status
`,
  )
  const wait = (file: string) => expect.poll(() => existsSync(file), POLL).toBe(true)
  async function blockWith(statements: readonly string[]): Promise<void> {
    await wait(arrived)
    const db = openRawDatabase(otpgate)
    try {
      for (const statement of statements) db.exec(statement)
      const startedAt = performance.now()
      writeFileSync(go, '')
      await wait(done)
      expect(performance.now() - startedAt).toBeGreaterThan(DEADLINE_MS - 500)
    } finally {
      db.close()
    }
  }
  return { program, blockWith }
}
