import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Passwd } from '../../src/app/ports.ts'
import { AppError, type ErrorCode } from '../../src/base/errors.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { Override } from '../../src/domain/override.ts'
import { openAccounts, openPorts, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { openRaw } from '../store/sqlite/sqlite-file.ts'
import { ALICE, buildAccount, buildKnown, NOW, toUid } from '../support/account-fixture.ts'
import { ALICE_ENTRY, codeFor, createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { type Verification, verify } from './verifier-world.ts'

const BREAK_GLASS = `
[[exempt]]
name = "break glass"
users = ["alice"]
networks = ["192.0.2.0/24"]
emergency = true
`
const ORDINARY = BREAK_GLASS.replace('emergency = true\n', '')
const NO_LIMIT: TimeLimit = { busyMilliseconds: 50, beforeCommit: () => {} }
const MODES = [['--excused'], ['--account']] as const

function failing(code: ErrorCode) {
  return () => {
    throw new AppError(code, 'it is broken')
  }
}

/** What was logged, each line with its priority. */
async function run(verification: Verification) {
  const { isAdmitted, logged, said, opened, closed } = await verify(verification)
  expect(closed).toBe(opened)
  return { isAdmitted, said, logged: logged.map(({ priority, line }) => `${priority} ${line}`) }
}

const ERROR_LINE = (code: string) => expect.stringMatching(`^err error user=alice reason=${code} `)
const EXCUSED_LINE = expect.stringMatching(
  /^alert excused user=alice rule="break glass" from=192\.0\.2\.7 service=sshd/,
)

describe('an emergency rule, on a real database,', () => {
  const path = useScratchDirectory()
  const configOf = (rules: string) =>
    parseConfig(`[store]\npath = "${path('db')}"\nkey_file = "${path('key')}"\n${rules}`, 'x')
  const passwd: Passwd = createTestPorts().passwd
  const runOn = (args: readonly string[], rules = BREAK_GLASS, rest: Verification = {}) => {
    let close = () => {}
    const world = {
      loadConfig: () => configOf(rules),
      openPorts: () => {
        const ports = { ...openPorts(configOf(rules), NO_LIMIT), passwd }
        close = ports.close
        return ports
      },
      openAccounts: () => openAccounts(configOf(rules), NO_LIMIT),
    }
    return run({ args, ...rest, world: { ...world, ...rest.world } }).finally(() => close())
  }

  beforeEach(() => {
    writeFileSync(path('key'), Buffer.alloc(32, 7), { mode: 0o400 })
    prepareStorage(configOf(''), NO_LIMIT)
  })

  test('while all is well lets in as any other, on the record, at alert', async () => {
    for (const args of MODES) {
      const { isAdmitted, logged } = await runOn(args)
      expect(isAdmitted).toBe(true)
      expect(logged).toEqual([EXCUSED_LINE])
      expect(logged[0]).toMatch(/ audit=\d+:[0-9a-f]{8}$/)
      rmSync(path('db'))
      prepareStorage(configOf(''), NO_LIMIT)
    }
  })

  const wrecks = [
    { what: 'no database', code: 'ERR_STORE_MISSING', wreck: () => rmSync(path('db')) },
    {
      what: 'a file that is no database',
      code: 'ERR_STORE_CORRUPT',
      wreck: () => writeFileSync(path('db'), 'nonsense'.repeat(1000)),
    },
    {
      what: 'a database that all may write',
      code: 'ERR_STORE_PERMISSION',
      wreck: () => chmodSync(path('db'), 0o666),
    },
    { what: 'no key', code: 'ERR_KEY_MISSING', wreck: () => rmSync(path('key'), { force: true }) },
    {
      what: 'another key',
      code: 'ERR_KEY_WRONG',
      wreck: () => {
        chmodSync(path('key'), 0o600)
        writeFileSync(path('key'), Buffer.alloc(32, 8))
      },
    },
  ] as const

  test.each(wrecks)('with $what lets in, and says what is wrong', async ({ code, wreck }) => {
    wreck()
    for (const args of MODES) {
      const { isAdmitted, logged, said } = await runOn(args)
      expect({ isAdmitted, said }).toEqual({ isAdmitted: true, said: [] })
      expect(logged).toEqual([ERROR_LINE(code), EXCUSED_LINE])
    }
  })

  const bars = [
    { who: 'is suspended', override: { kind: 'suspended', reason: undefined } },
    { who: 'has to enroll', override: { kind: 'must-enroll', reason: undefined } },
    { who: 'has another uid than at enrolment', uid: toUid(4242) },
  ] as const
  const keyless = wrecks.filter(({ code }) => code.startsWith('ERR_KEY_'))

  test.each(
    keyless.flatMap((row) => bars.map((bar) => ({ ...row, ...bar }))),
  )('with $what bars whoever $who: accounts are read without a key', async (row) => {
    const { code, wreck, who: _who, ...fields } = row
    const { store, close } = openPorts(configOf(''), NO_LIMIT)
    const { uid, override } = { uid: ALICE_ENTRY.uid, override: undefined, ...fields }
    await store.transact(ALICE, () => ({
      changes: [
        { kind: 'create-account', uid, at: NOW },
        { kind: 'set-override', override },
      ],
      result: undefined,
    }))
    close()
    wreck()
    for (const args of MODES) {
      const { isAdmitted, logged } = await runOn(args)
      expect({ isAdmitted, logged }).toEqual({ isAdmitted: false, logged: [ERROR_LINE(code)] })
    }
  })

  test.each(wrecks)('with $what takes no code for it', async ({ code, wreck }) => {
    wreck()
    const { isAdmitted, logged } = await runOn([], BREAK_GLASS, { answer: '123456' })
    expect(isAdmitted).toBe(false)
    expect(logged).toEqual([ERROR_LINE(code)])
  })

  test.each(wrecks)('is off by default: with $what nobody gets in', async ({ code, wreck }) => {
    wreck()
    for (const args of MODES) {
      const { isAdmitted, logged } = await runOn(args, ORDINARY)
      expect(isAdmitted).toBe(false)
      expect(logged).toEqual([ERROR_LINE(code)])
    }
  })

  test('lets in where another process holds the database locked', async () => {
    const holder = openRaw(path('db'))
    holder.exec('BEGIN IMMEDIATE')
    try {
      for (const args of MODES) {
        const { isAdmitted, logged } = await runOn(args)
        expect(isAdmitted).toBe(true)
        expect(logged).toEqual([ERROR_LINE('ERR_STORE_LOCKED'), EXCUSED_LINE])
      }
      expect(await runOn([], BREAK_GLASS, { answer: '123456' })).toMatchObject({
        isAdmitted: false,
        logged: [ERROR_LINE('ERR_STORE_LOCKED')],
      })
    } finally {
      holder.close()
    }
  })

  test('does not help where the configuration is broken', async () => {
    rmSync(path('db'))
    const world = { loadConfig: () => configOf(`${BREAK_GLASS}nonsense = 1\n`) }
    expect(errorCodeOf(world.loadConfig)).toBe('ERR_CONFIG_INVALID')
    for (const args of MODES) {
      const { isAdmitted, logged } = await runOn(args, BREAK_GLASS, { world })
      expect(isAdmitted).toBe(false)
      expect(logged).toEqual([ERROR_LINE('ERR_CONFIG_INVALID')])
    }
  })
})

describe('an emergency rule, with the store gone,', () => {
  const missing = failing('ERR_STORE_MISSING')
  const gone = { openPorts: missing, openAccounts: missing }
  const runGone = (args: readonly string[], rest: Verification = {}) =>
    run({ args, toml: BREAK_GLASS, ...rest, world: { ...gone, ...rest.world } })

  test.each([
    { what: 'from elsewhere', environment: { sshConnection: '198.51.100.1 5 192.0.2.1 22' } },
    { what: 'of somebody else', environment: { user: 'mallory' } },
    { what: 'without an address', environment: { sshConnection: 'UNKNOWN', remoteHost: 'x' } },
  ])('does not cover a login $what', async ({ environment }) => {
    for (const args of MODES) {
      expect(await runGone(args, { environment })).toMatchObject({ isAdmitted: false })
    }
  })

  test('wants a first factor in the auth phase; in the account phase sshd has done with it', async () => {
    const environment = { sshAuthInfo: undefined }
    expect(await runGone(['--excused'], { environment })).toMatchObject({ isAdmitted: false })
    expect(await runGone(['--account'], { environment })).toMatchObject({ isAdmitted: true })
  })

  test('does not cover a name of which nobody can tell whose it is', async () => {
    const passwd = { ...createTestPorts().passwd, findByName: failing('ERR_PASSWD_FAILED') }
    for (const args of MODES) {
      const seen = await runGone(args, { world: { openPasswd: () => passwd } })
      expect(seen.isAdmitted).toBe(false)
      expect(seen.logged).toEqual(
        ['ERR_STORE_MISSING', 'ERR_PASSWD_FAILED'].map((code) => ERROR_LINE(code)),
      )
    }
  })

  test.each([
    'ERR_DEADLINE',
    'ERR_PASSWD_FAILED',
    'ERR_OUTPUT_FAILED',
  ] as const)('is for what is stored: %s denies', async (code) => {
    for (const args of MODES) {
      const seen = await runGone(args, { world: { openPorts: failing(code) } })
      expect(seen).toMatchObject({ isAdmitted: false, logged: [ERROR_LINE(code)] })
    }
  })

  test('is for what is stored: whatever else breaks on the way denies, and both are told', async () => {
    const openAccounts = () => {
      throw new TypeError('x is not a function')
    }
    for (const args of MODES) {
      const { isAdmitted, logged } = await runGone(args, { world: { openAccounts } })
      expect(isAdmitted).toBe(false)
      expect(logged).toEqual([
        ERROR_LINE('ERR_STORE_MISSING'),
        expect.stringMatching(/^err error /),
      ])
    }
  })

  test('is for what is stored: what nobody foresaw denies', async () => {
    const openPorts = () => {
      throw new TypeError('x is not a function')
    }
    for (const args of MODES) {
      expect(await runGone(args, { world: { openPorts } })).toMatchObject({ isAdmitted: false })
    }
  })
})

describe('an emergency rule, on a disk that is full at COMMIT,', () => {
  /** All can be read, and nothing written. */
  function fullPorts(override?: Override, uid = ALICE_ENTRY.uid) {
    const ports = createTestPorts()
    const state = buildKnown({ account: buildAccount({ override, uid }) })
    const store = { transact: () => Promise.reject(new AppError('ERR_STORE_FULL', 'no space')) }
    return { ...ports, store, register: { ...ports.register, find: async () => state } }
  }

  test('lets in', async () => {
    for (const args of MODES) {
      const seen = await run({ args, toml: BREAK_GLASS, ports: fullPorts() })
      expect(seen.isAdmitted).toBe(true)
      expect(seen.logged).toEqual([ERROR_LINE('ERR_STORE_FULL'), EXCUSED_LINE])
    }
  })

  test.each([
    { who: 'is suspended', override: { kind: 'suspended', reason: undefined } as const },
    { who: 'has to enroll', override: { kind: 'must-enroll', reason: undefined } as const },
    { who: 'has another uid than at enrolment', uid: toUid(4242) },
  ])('bars whoever $who, which can still be read', async ({ override, uid }) => {
    for (const args of MODES) {
      const seen = await run({ args, toml: BREAK_GLASS, ports: fullPorts(override, uid) })
      expect(seen.isAdmitted).toBe(false)
    }
  })

  test('takes no right code: it could be used again', async () => {
    const ports = createTestPorts()
    const { secret } = await enrollAlice(ports)
    const store = { transact: () => Promise.reject(new AppError('ERR_STORE_FULL', 'no space')) }
    const answer = codeFor(ports, secret)
    const seen = await run({ toml: BREAK_GLASS, ports: { ...ports, store }, answer })
    expect(seen).toMatchObject({ isAdmitted: false, logged: [ERROR_LINE('ERR_STORE_FULL')] })
  })
})
