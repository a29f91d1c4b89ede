import { expect, test } from 'vitest'
import { now } from '../../../src/host/clock.ts'
import { createProofFinder } from '../../../src/setup/watch/find-proof.ts'
import { loadConfig, openPorts } from '../../../src/wire.ts'
import { addCodeService, BEHIND_A_KEY } from '../../support/code-service.ts'
import { describeOnHost } from '../../support/describe-on-host.ts'
import { codeOf } from '../../support/enrolled-person.ts'
import type { Otpgate } from '../../support/otpgate-host.ts'
import { runPamTester } from '../../support/pam-tester.ts'

describeOnHost('the proof of a set-up, by real logins', (onHost) => {
  test.each([
    'code',
    'recovery code',
  ])('is one by %s once the account phase is past', async (by) => {
    const { host, otpgate, enroll } = onHost()
    const { name, app, recoveryCodes } = await enroll({ recovery: true })
    const service = addCodeService(host, otpgate)
    const answer = by === 'code' ? codeOf(app) : (recoveryCodes[0] ?? '')
    const start = { afterSeq: 0, openConnections: [] }
    const find = createProofFinder({ account: name, service, start })
    const login = { service, user: name, env: BEHIND_A_KEY }
    expect(await runPamTester({ ...login, answers: [answer] })).toMatchObject({ ok: true })
    // It may have died here.
    expect(await look(otpgate, find)).toEqual({ kind: 'none' })
    const past = await runPamTester({ ...login, operations: ['acct_mgmt'] })
    expect(past).toMatchObject({ ok: true })
    expect(await look(otpgate, find)).toMatchObject({
      kind: 'proof',
      row: { account: name, outcome: 'accepted', service },
    })
  })
})

async function look({ configFile }: Otpgate, find: ReturnType<typeof createProofFinder>) {
  const limit = { busyMilliseconds: 10_000, beforeCommit: () => {} }
  const ports = openPorts(loadConfig(configFile), limit)
  try {
    return await find({ ...ports, now, bootSeconds: () => 0, listOpenConnections: () => [] })
  } finally {
    ports.close()
  }
}
