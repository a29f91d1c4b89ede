import { beforeEach, describe, expect, test } from 'vitest'
import { issueBypass } from '../../src/app/issue-bypass.ts'
import { type BypassChoice, revokeBypass } from '../../src/app/revoke-bypass.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { addSeconds, HOUR_SECONDS } from '../../src/base/time.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import type { Override } from '../../src/domain/override.ts'
import { ALICE, toUid } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'

const TERMS = { entry: ALICE_ENTRY, actor: 'root', reason: 'phone at home' }

describe('a bypass code', () => {
  let ports: TestPorts
  let secret: Buffer
  let recoveryCode: string

  beforeEach(async () => {
    ports = createTestPorts()
    const alice = await enrollAlice(ports)
    secret = alice.secret
    recoveryCode = alice.recoveryCodes[0] ?? ''
  })

  const issue = (uses = 1, forSeconds = HOUR_SECONDS) =>
    issueBypass(ports, { ...TERMS, uses, forSeconds })
  const bypassCodes = () => readAlice(ports).oneTimeCodes.filter(({ kind }) => kind === 'bypass')
  const revoke = (choice: BypassChoice) =>
    revokeBypass(ports, { name: ALICE, actor: 'root', reason: undefined, choice })

  async function logIn(typed: string) {
    const answer = parseTypedCode(typed)
    const { decision } = await verifyLogin(ports, buildPolicy(), buildRequest(), answer)
    return decision.outcome === 'denied' ? decision.reason : decision
  }

  test('lets in as often as it was issued for, and nothing is told of recovery codes', async () => {
    const { code } = await issue(3)
    for (let use = 0; use < 3; use++) {
      expect(await logIn(code)).toEqual({ outcome: 'accepted', method: 'bypass' })
    }
    expect(await logIn(code)).toBe('code-wrong')
  })

  test('works until its end, to the second', async () => {
    const { code, until } = await issue(2)
    expect(until).toBe(addSeconds(ports.now(), HOUR_SECONDS))
    ports.clock.move(HOUR_SECONDS - 1)
    expect(await logIn(code)).toMatchObject({ method: 'bypass' })
    ports.clock.move(1)
    expect(await logIn(code)).toBe('code-wrong')
  })

  test('is kept only as a hash, with why and until when, and is on the record', async () => {
    const { id, code, until } = await issue(2)
    expect(bypassCodes()).toEqual([
      expect.objectContaining({ id, usesLeft: 2, expiresAt: until, reason: 'phone at home' }),
    ])
    expect(JSON.stringify(bypassCodes())).not.toContain(code.replaceAll('-', '').slice(4))
    expect(ports.memory.audit.at(-1)).toMatchObject({ action: 'bypass', reason: 'phone at home' })
  })

  test('takes the place of those that nobody can use any more, and of no recovery code', async () => {
    const { code } = await issue(1)
    await logIn(code)
    await logIn(recoveryCode)
    await issue(1, 60)
    ports.clock.move(60)
    const { id } = await issue()
    expect(bypassCodes().map((each) => each.id)).toEqual([id])
    expect(readAlice(ports).oneTimeCodes).toHaveLength(11)
  })

  test('ends what is remembered when it is issued; where the person logs in from stays known', async () => {
    await logIn(codeFor(ports, secret))
    expect(readAlice(ports).sources).toMatchObject([{ rememberedAt: ports.now() }])
    await issue()
    const [source] = readAlice(ports).sources
    expect(source).toMatchObject({ lastSuccessAt: ports.now(), rememberedAt: undefined })
  })

  test.each([
    ['ERR_REFUSED', { kind: 'must-enroll', reason: undefined }],
    ['ERR_REFUSED', { kind: 'suspended', reason: undefined }],
  ] as const)('is refused with %s where no code lets in: %j', async (code, override: Override) => {
    const state = readAlice(ports)
    ports.memory.write(ALICE, { ...state, account: { ...state.account, override } })
    await expect(issue()).rejects.toMatchObject({ code })
    expect(bypassCodes()).toEqual([])
  })

  test('is refused for somebody without an account, and for another person of the name', async () => {
    const entry = { ...ALICE_ENTRY, uid: toUid(4242) }
    const other = issueBypass(ports, { ...TERMS, entry, uses: 1, forSeconds: 60 })
    await expect(other).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UID_CHANGED' })
    ports = createTestPorts()
    await expect(issue()).rejects.toMatchObject({ code: 'ERR_ACCOUNT_UNKNOWN' })
  })

  test('is taken back by the beginning of its id, as the only one, or with all', async () => {
    const first = await issue()
    expect(await revoke({ kind: 'only' })).toBe(1)
    const second = await issue()
    const third = await issue()
    await expect(revoke({ kind: 'only' })).rejects.toMatchObject({ code: 'ERR_CODE_UNKNOWN' })
    await expect(revoke({ kind: 'by-id', prefix: '' })).rejects.toMatchObject({
      code: 'ERR_CODE_UNKNOWN',
    })
    const gone = { kind: 'by-id', prefix: first.id } as const
    await expect(revoke(gone)).rejects.toMatchObject({ code: 'ERR_CODE_UNKNOWN' })
    expect(await revoke({ kind: 'by-id', prefix: second.id.slice(0, 8) })).toBe(1)
    expect(bypassCodes().map(({ id }) => id)).toEqual([third.id])
    expect(await revoke({ kind: 'all' })).toBe(1)
    expect(await logIn(third.code)).toBe('code-wrong')
    const rows = ports.memory.audit.length
    expect(await revoke({ kind: 'all' })).toBe(0)
    expect(ports.memory.audit).toHaveLength(rows)
  })

  test('is not taken back with recovery codes, nor they with it', async () => {
    await issue()
    await revoke({ kind: 'all' })
    expect(readAlice(ports).oneTimeCodes).toHaveLength(10)
    const recovery = readAlice(ports).oneTimeCodes[0]?.id ?? ''
    const choice = { kind: 'by-id', prefix: recovery } as const
    await expect(revoke(choice)).rejects.toMatchObject({ code: 'ERR_CODE_UNKNOWN' })
  })
})
