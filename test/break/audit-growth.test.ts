import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { toUnixSeconds } from '../../src/base/time.ts'
import { parseAnswer } from '../../src/domain/answer.ts'
import { NOW } from '../support/account-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import { createQuickHasher } from '../support/quick-hasher.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { INVENTED_CODE } from './lookalike.ts'
import { type StoredAlice, storeAlice } from './stored-alice.ts'

const ATTEMPTS = 10_000
/** Share a commit: 10,000 of their own would only measure the disk. */
const AT_A_TIME = 100
const HOUR_SECONDS = 3600
const LOCKED_AFTER = 100

/** What a denied attempt is made of, one after the other: each has a reason of its own. */
const TYPED = ['000000', '', 'hunter2', INVENTED_CODE, 'x'.repeat(511), '\b\n\r\x7fIN', '111111']

interface Growth {
  readonly rows: number
  readonly bytes: number
}

describe('ten thousand denied attempts', () => {
  const path = useScratchDirectory()

  test.each([
    { what: 'one a second', everySeconds: 1 },
    { what: 'one a minute, for a week', everySeconds: 60 },
  ])('$what by somebody with the first factor grow the database a little', async (pace) => {
    const alice = await storeAlice(path)
    const hours = Math.ceil((ATTEMPTS * pace.everySeconds) / HOUR_SECONDS)
    const { rows, bytes } = await attempt(alice, pace.everySeconds, buildRequest())
    // Two rows a guess at a recovery code, one a guess at a code; then a row an hour and reason.
    const reasons = 7
    const bound = 3 * LOCKED_AFTER + (hours + 1) * reasons
    report(pace.what, { rows, bytes })
    expect(rows).toBeGreaterThan(0)
    expect(rows).toBeLessThanOrEqual(bound)
    expect(bytes).toBeLessThanOrEqual(bound * 1024 + 65_536)
  })

  test('by strangers grow it by nothing', async () => {
    const alice = await storeAlice(path)
    const growth = await attempt(alice, 60, buildRequest({ authInfo: '' }))
    expect(growth).toEqual({ rows: 0, bytes: 0 })
  })

  test('under invented names grow it by a row an hour where a code may be all there is', async () => {
    const alice = await storeAlice(path)
    const policy = { login: { codeAlone: ['sshd'] } }
    const request = (index: number) => buildRequest({ user: `nobody${index}`, authInfo: '' })
    const { rows, bytes } = await attempt(alice, 60, request, policy)
    report('invented names, one a minute, code_alone', { rows, bytes })
    expect(rows).toBeGreaterThan(0)
    expect(rows).toBeLessThanOrEqual(Math.ceil((ATTEMPTS * 60) / HOUR_SECONDS) + 1)
    expect(bytes).toBeLessThanOrEqual(rows * 1024 + 65_536)
  })
})

async function attempt(
  alice: StoredAlice,
  everySeconds: number,
  request: ReturnType<typeof buildRequest> | ((index: number) => ReturnType<typeof buildRequest>),
  { login = {} }: { login?: Parameters<typeof buildPolicy>[0] } = {},
): Promise<Growth> {
  const bytesBefore = statSync(alice.databaseFile).size
  let now = NOW
  const opened = alice.open()
  const ports = { ...opened, hasher: createQuickHasher(), now: () => now }
  const rowsBefore = (await ports.journal.read({}, 0, ATTEMPTS)).length
  for (let first = 0; first < ATTEMPTS; first += AT_A_TIME) {
    const reports = Array.from({ length: AT_A_TIME }, (_, offset) => {
      const index = first + offset
      now = toUnixSeconds(NOW + index * everySeconds)
      const typed = TYPED[index % TYPED.length] ?? ''
      const answer = parseAnswer(Buffer.from(typed, 'latin1'))
      const about = typeof request === 'function' ? request(index) : request
      return verifyLogin(ports, buildPolicy(login), about, answer)
    })
    for (const { decision } of await Promise.all(reports)) expect(decision.outcome).toBe('denied')
  }
  const rows = (await ports.journal.read({}, 0, 2 * ATTEMPTS)).length - rowsBefore
  expect(await ports.journal.verify()).toMatchObject({ problem: undefined })
  ports.close()
  return { rows, bytes: statSync(alice.databaseFile).size - bytesBefore }
}

/** For SECURITY.md, which states the figures. */
function report(what: string, { rows, bytes }: Growth): void {
  process.stdout.write(`${ATTEMPTS} denials, ${what}: ${rows} rows, ${bytes} bytes\n`)
}
