import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import type { UnixSeconds } from '../../src/base/time.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { openPorts, type Ports, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { NOW } from '../support/account-fixture.ts'
import { ALICE_ENTRY, buildEnrollInput } from '../support/app-fixture.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { type Verification, verify } from './verifier-world.ts'

const NO_LIMIT: TimeLimit = { busyMilliseconds: 1000, beforeCommit: () => {} }
const passwd = {
  findByName: (name: string) => (name === ALICE_ENTRY.name ? ALICE_ENTRY : undefined),
  findGroupMembers: () => undefined,
  findGroups: () => ({ joined: [], missing: [] }),
}

/** A real database, key and hashes; only the clock stands still, and alice is in no passwd file. */
describe('the verifier on a real database', () => {
  const path = useScratchDirectory()
  let now: UnixSeconds
  let secret: Buffer
  let recoveryCodes: readonly string[]

  const config = () =>
    parseConfig(`[store]\npath = "${path('otpgate.db')}"\nkey_file = "${path('key')}"\n`, 'x')
  const open = (limit = NO_LIMIT): Ports => ({
    ...openPorts(config(), limit, () => now),
    passwd,
  })
  const run = (verification: Verification = {}, limit = NO_LIMIT) => {
    let close = () => {}
    const openNoted = () => {
      const ports = open(limit)
      close = ports.close
      return ports
    }
    const world = { loadConfig: config, openPorts: openNoted, now: () => now }
    return verify({ ...verification, world: { ...world, ...verification.world } }).finally(close)
  }
  const codeAt = (steps = 0) =>
    generateCode(secret, buildEnrollInput().parameters, stepAt(now, 30) + steps)

  beforeEach(async () => {
    now = NOW
    writeFileSync(path('key'), Buffer.alloc(32, 7), { mode: 0o400 })
    prepareStorage(config(), NO_LIMIT)
    const ports = open()
    const input = buildEnrollInput({ countsUnconfirmed: true, mintCodes: true })
    const enrolled = await enrollDevice(ports, input)
    ports.close()
    secret = enrolled.secret
    recoveryCodes = enrolled.recoveryCodes
  })

  async function readAudit() {
    const ports = open()
    const rows = await ports.journal.read({}, 0, 100)
    const { problem } = await ports.journal.verify()
    ports.close()
    expect(problem).toBeUndefined()
    return rows.map(({ action, outcome, reason }) => `${action} ${outcome} ${reason ?? ''}`.trim())
  }

  test('lets the right code in once, and then through the account phase once', async () => {
    expect(await run({ answer: codeAt() })).toMatchObject({ isAdmitted: true })
    expect(await run({ args: ['--account'] })).toMatchObject({ isAdmitted: true })
    expect(await run({ args: ['--account'] })).toMatchObject({ isAdmitted: false })
    expect(await run({ answer: codeAt() })).toMatchObject({ isAdmitted: false })
    expect(await readAudit()).toEqual([
      'enroll done',
      'login accepted',
      'login denied ticket-missing',
      'login denied code-replayed',
    ])
  })

  test('denies the account phase of another connection', async () => {
    await run({ answer: codeAt() })
    const environment = { sshConnection: '192.0.2.7 50001 192.0.2.1 22' }
    const other = await run({ args: ['--account'], environment })
    expect(other).toMatchObject({ isAdmitted: false })
  })

  test('stamps the log line with the row of the audit', async () => {
    const { logged } = await run({ answer: codeAt() })
    const ports = open()
    const [, row] = await ports.journal.read({}, 0, 10)
    ports.close()
    expect(logged[0]?.line).toContain(` audit=${row?.seq}:${row?.hash.slice(0, 8)}`)
  })

  test('makes five wrong codes wait, and a recovery code end the wait', async () => {
    const answer = codeAt(100)
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await run({ answer })).said).toEqual(['That code is not right.'])
    }
    const waiting = await run({ answer: codeAt() })
    expect(waiting).toMatchObject({ isAdmitted: false })
    expect(waiting.said).toEqual(['Too many wrong codes. Try again in 30 seconds.'])
    expect(await run({ answer: recoveryCodes[0] ?? '' })).toMatchObject({ isAdmitted: true })
    expect(await run({ answer: codeAt() })).toMatchObject({ isAdmitted: true })
  })

  test('takes a recovery code once, also where two logins bring it at the same moment', async () => {
    const [answer = ''] = recoveryCodes
    const runs = await Promise.all([run({ answer }), run({ answer }), run({ answer })])
    expect(runs.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(1)
  })

  test('saves nothing once the deadline is over, and says no', async () => {
    const late: TimeLimit = {
      busyMilliseconds: 1000,
      beforeCommit: () => {
        throw new RangeError('too late')
      },
    }
    const before = await readAudit()
    const seen = await run({ answer: codeAt() }, late)
    expect(seen).toMatchObject({ isAdmitted: false, said: [] })
    expect(seen.logged).toHaveLength(1)
    expect(await readAudit()).toEqual(before)
    expect(await run({ answer: codeAt() })).toMatchObject({ isAdmitted: true })
  })

  test.each([
    { what: 'no database', code: 'ERR_STORE_MISSING', wreck: () => rmSync(path('otpgate.db')) },
    { what: 'no key', code: 'ERR_KEY_MISSING', wreck: () => rmSync(path('key'), { force: true }) },
    {
      what: 'a key that all may read',
      code: 'ERR_KEY_PERMISSION',
      wreck: () => chmodSync(path('key'), 0o444),
    },
    {
      what: 'a database that all may write',
      code: 'ERR_STORE_PERMISSION',
      wreck: () => chmodSync(path('otpgate.db'), 0o666),
    },
    {
      what: 'another key',
      code: 'ERR_KEY_WRONG',
      wreck: () => {
        chmodSync(path('key'), 0o600)
        writeFileSync(path('key'), Buffer.alloc(32, 8))
      },
    },
    {
      what: 'half a key',
      code: 'ERR_KEY_INVALID',
      wreck: () => {
        chmodSync(path('key'), 0o600)
        writeFileSync(path('key'), Buffer.alloc(16, 7))
      },
    },
    {
      what: 'a file that is no database',
      code: 'ERR_STORE_CORRUPT',
      wreck: () => writeFileSync(path('otpgate.db'), 'nonsense'.repeat(1000)),
    },
  ])('denies the right code with $what, in every phase', async ({ code, wreck }) => {
    const answer = codeAt()
    wreck()
    for (const args of [[], ['--excused'], ['--account']]) {
      const seen = await run({ args, answer })
      expect(seen.isAdmitted).toBe(false)
      expect(seen.logged).toMatchObject([{ priority: 'err' }])
      expect(seen.logged[0]?.line).toContain(`reason=${code}`)
    }
  })
})
