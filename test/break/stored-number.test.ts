import { expect, test } from 'vitest'
import { openRawDatabase } from '../support/audit-record.ts'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import { describeOnHost } from '../support/describe-on-host.ts'
import { codeOf, type EnrolledPerson } from '../support/enrolled-person.ts'
import type { Otpgate } from '../support/otpgate-host.ts'
import { runProgram } from '../support/run-program.ts'

const STORE = 5
const PROBLEMS = 9
/** Beyond what `Date` knows, and no longer exact when counted up. */
const FAR = 9_007_199_254_740_991
/** A search that does not end would hold the lock on everybody's logins. */
const NEVER_HANGS_MS = 15_000

/** Columns of one person's rows, and a number that was never written there. */
const PERSON = [
  { table: 'device', column: 'period_seconds', value: 0 },
  { table: 'device', column: 'period_seconds', value: -30 },
  { table: 'device', column: 'last_accepted_step', value: FAR },
  { table: 'device', column: 'created_at', value: FAR },
  { table: 'account', column: 'last_login_at', value: FAR },
  { table: 'account', column: 'throttle_code', value: `[0,[],1,${FAR}]` },
] as const

describeOnHost('a number that was never written', (onHost) => {
  test.each(
    PERSON,
  )('closes its account and no other: $column of the $table is $value', async (bad) => {
    const { enroll, otpgate } = onHost()
    const [hers, other] = [await enroll(), await enroll()]
    const owner = bad.table === 'account' ? 'name' : 'account'
    const spoilt = spoil(otpgate, bad.table, bad.column, bad.value, `${owner} = '${hers.name}'`)
    const verdicts = await Promise.all([verify(otpgate, hers), verify(otpgate, other)])
    expect(verdicts).toMatchObject([
      { status: 1, timedOut: false },
      { status: 0, timedOut: false },
    ])
    const { name } = hers
    for (const command of [['list'], ['show', name], ['show', name, '--json'], ['test', name]]) {
      await expectStatus(otpgate, command, STORE)
    }
    await expectStatus(otpgate, ['show', other.name], 0)
    spoilt.mend()
    expect(await verify(otpgate, hers)).toMatchObject({ status: 0 })
  })

  test('in the audit log is damage to whoever reads it, and stops no login', async () => {
    const { enroll, otpgate } = onHost()
    const person = await enroll()
    const spoilt = spoil(otpgate, 'audit', 'at', FAR, 'seq = 1')
    await expectStatus(otpgate, ['audit'], STORE)
    await expectStatus(otpgate, ['audit', 'verify'], PROBLEMS)
    expect(await verify(otpgate, person)).toMatchObject({ status: 0 })
    spoilt.mend()
    await expectStatus(otpgate, ['audit', 'verify'], 0)
  })

  test('as the end of a wait keeps nobody waiting for longer than a day', async () => {
    const { enroll, otpgate } = onHost()
    const person = await enroll()
    const endless = `[1,[],1,${99_999_999_999}]`
    spoil(otpgate, 'account', 'throttle_code', endless, `name = '${person.name}'`)
    const shown = await otpgate.require(['show', person.name, '--json'])
    expect(JSON.parse(shown)).toMatchObject({ failures: 1, lock: null })
    expect(await verify(otpgate, person)).toMatchObject({ status: 0 })
  })
})

/** The verifier with the right code, as pam_exec runs it behind a key. */
function verify({ verifier }: Otpgate, { name, app }: EnrolledPerson) {
  const [program, ...args] = verifier
  const pam = { PAM_TYPE: 'auth', PAM_SERVICE: 'sshd', PAM_TTY: 'ssh', PAM_USER: name }
  const run = { env: { ...BEHIND_A_KEY, ...pam }, input: codeOf(app) }
  return runProgram(program, args, { ...run, timeoutMs: NEVER_HANGS_MS })
}

async function expectStatus(
  otpgate: Otpgate,
  command: readonly string[],
  wanted: number,
): Promise<void> {
  const { status, stderr } = await otpgate.run(command)
  expect({ command, status }).toEqual({ command, status: wanted })
  expect(stderr).not.toContain('internal error')
}

/** As only somebody who can write the file could. */
function spoil(otpgate: Otpgate, table: string, column: string, value: unknown, where: string) {
  const write = (to: unknown) => {
    const db = openRawDatabase(otpgate)
    try {
      const before = db.prepare(`SELECT ${column} FROM ${table} WHERE ${where}`).pluck().get()
      const { changes } = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(to)
      expect(changes).toBe(1)
      return before
    } finally {
      db.close()
    }
  }
  const before = write(value)
  return { mend: () => write(before) }
}
