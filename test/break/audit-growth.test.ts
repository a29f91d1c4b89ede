import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { parseAnswer } from '../../src/domain/answer.ts'
import { NOW } from '../support/account-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import { createQuickHasher } from '../support/quick-hasher.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { INVENTED_CODE } from './lookalike.ts'
import { type StoredAlice, storeAlice } from './stored-alice.ts'

const ATTEMPTS = 10_000
const INVENTED = 2000
/** Share a commit, and so a time: each on its own would mostly measure the disk. */
const AT_A_TIME = 10
const HOUR_SECONDS = 3600
const KIB = 1024
/** Two pages: what SQLite has still free in the file differs. */
const MARGIN_KIB = 8

/** What a denied attempt is made of, one after the other: each has a reason of its own. */
const TYPED = ['000000', '', 'hunter2', INVENTED_CODE, 'x'.repeat(511), '\b\n\r\x7fIN', '111111']

interface AttemptOptions {
  readonly login?: Parameters<typeof buildPolicy>[0]
  readonly attempts?: number
}

interface Growth {
  readonly rows: number
  readonly bytes: number
}

describe('ten thousand denied attempts', () => {
  const path = useScratchDirectory()

  test.each([
    { what: 'one a second', everySeconds: 1, stated: { rows: 54, kib: 16 } },
    { what: 'one a minute, for a week', everySeconds: 60, stated: { rows: 1016, kib: 304 } },
  ])('$what by somebody with the first factor grow the database as stated', async (pace) => {
    const alice = await storeAlice(path)
    const { rows, bytes } = await attempt(alice, pace.everySeconds, buildRequest())
    report(pace.what, { rows, bytes })
    expect(rows).toBeLessThanOrEqual(pace.stated.rows)
    expect(bytes).toBeLessThanOrEqual((pace.stated.kib + MARGIN_KIB) * KIB)
    // What is stated is not far off either: the clock did move, and the attempts were judged.
    expect(rows).toBeGreaterThan(pace.stated.rows * 0.9)
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
    const { rows, bytes } = await attempt(alice, 60, request, { ...policy, attempts: INVENTED })
    report('invented names, one a minute, code_alone', { rows, bytes })
    const hours = Math.ceil((INVENTED * 60) / HOUR_SECONDS)
    // A row may last for as long as one lot longer than an hour.
    expect(rows).toBeGreaterThan(hours * 0.8)
    expect(rows).toBeLessThanOrEqual(hours + 1)
    expect(bytes).toBeLessThanOrEqual(rows * 512 + MARGIN_KIB * KIB)
  })
})

async function attempt(
  alice: StoredAlice,
  everySeconds: number,
  request: ReturnType<typeof buildRequest> | ((index: number) => ReturnType<typeof buildRequest>),
  { login = {}, attempts = ATTEMPTS }: AttemptOptions = {},
): Promise<Growth> {
  const bytesBefore = statSync(alice.databaseFile).size
  const opened = alice.open()
  const ports = { ...opened, hasher: createQuickHasher() }
  const rowsBefore = (await ports.journal.read({}, 0, ATTEMPTS)).length
  for (let first = 0; first < attempts; first += AT_A_TIME) {
    alice.setClock(NOW + first * everySeconds)
    const reports = Array.from({ length: AT_A_TIME }, (_, offset) => {
      const index = first + offset
      const answer = parseAnswer(Buffer.from(TYPED[index % TYPED.length] ?? '', 'latin1'))
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
  process.stdout.write(`denials, ${what}: ${rows} rows, ${bytes} bytes\n`)
}
