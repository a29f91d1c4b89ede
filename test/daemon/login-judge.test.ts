import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { createLoginJudge, type JudgeWorld } from '../../src/daemon/login-judge.ts'
import type { DaemonRequest } from '../../src/daemon/protocol.ts'
import type { AttemptId } from '../../src/domain/attempt.ts'
import { DEFAULT_PROMPT } from '../../src/domain/message.ts'
import { createDeadline } from '../../src/host/deadline.ts'
import { codeFor, createTestPorts, enrollAlice, readAlice } from '../support/app-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { IDLE_JOURNAL, IDLE_UPKEEP } from '../support/idle-ports.ts'

const CONFIG_PATH = '/etc/otpgate/otpgate.toml'
const ATTEMPT = '0a'.repeat(16) as AttemptId

function ask(fields: Partial<DaemonRequest> = {}): DaemonRequest {
  return {
    ...{ mode: 'code', attempt: ATTEMPT, configPath: undefined, group: undefined },
    ...{ user: 'alice', service: 'sshd', type: 'auth', tty: 'ssh', remoteHost: '192.0.2.7' },
    sshConnection: '192.0.2.7 50000 192.0.2.1 22',
    firstFactor: { method: 'publickey', keyType: 'ssh-ed25519', fingerprint: 'SHA256:key' },
    answer: Buffer.alloc(0),
    ...fields,
  }
}

/** A judge over alice, enrolled, in memory. */
async function openJudge(world: Partial<JudgeWorld> = {}) {
  const ports = createTestPorts()
  const { secret } = await enrollAlice(ports)
  let borrowed = 0
  const lent = {
    ...ports,
    ...{ journal: IDLE_JOURNAL, upkeep: IDLE_UPKEEP },
    close: () => void borrowed--,
  }
  const judge = createLoginJudge(
    { configPath: CONFIG_PATH, defaultConfigPath: CONFIG_PATH },
    {
      loadConfig: () => parseConfig('', CONFIG_PATH),
      ports: {
        borrow: () => {
          borrowed++
          return lent
        },
        close: () => {},
      },
      openAccounts: () => ({ register: ports.register, close: () => {} }),
      lookAhead: async (look) => {
        look(ports.passwd)
        return ports.passwd
      },
      now: ports.now,
      ...world,
    },
  )
  const answer = (fields: Partial<DaemonRequest> = {}, deadline = createDeadline(60_000)) =>
    judge.answer(ask(fields), deadline)
  const right = () => Buffer.from(codeFor(ports, secret))
  return { ports, judge, answer, right, borrowed: () => borrowed }
}

describe('the judge of the daemon', () => {
  test('lets a login through all its lines, and tells log and person as direct mode does', async () => {
    const { answer, right, borrowed } = await openJudge()
    const excused = await answer({ mode: 'excused' })
    expect(excused).toEqual({ verdict: 'denied', log: [], say: [DEFAULT_PROMPT] })
    const code = await answer({ answer: right() })
    expect(code).toMatchObject({ verdict: 'admitted', say: [] })
    expect(code.log).toMatchObject([
      {
        priority: 'info',
        outcome: 'accepted',
        fields: { user: 'alice', method: 'totp', device: 'phone' },
      },
    ])
    const account = { mode: 'account', type: 'account', attempt: '0b'.repeat(16) as AttemptId }
    expect(await answer({ ...account, mode: 'account' })).toMatchObject({ verdict: 'admitted' })
    expect(borrowed()).toBe(0)
  })

  test('denies a wrong code, and says so behind a first factor alone', async () => {
    const { answer } = await openJudge()
    const wrong = { answer: Buffer.from('000000') }
    expect(await answer(wrong)).toMatchObject({ verdict: 'denied', say: [expect.any(String)] })
    const unproven = await answer({ ...wrong, firstFactor: undefined })
    expect(unproven).toMatchObject({ verdict: 'denied', say: [] })
  })

  test('answers a lost yes once more, and only by the same attempt', async () => {
    const { answer, right } = await openJudge()
    const typed = { answer: right() }
    expect(await answer(typed)).toMatchObject({ verdict: 'admitted' })
    expect(await answer(typed)).toMatchObject({ verdict: 'admitted' })
    const other = { ...typed, attempt: '0c'.repeat(16) as AttemptId }
    expect(await answer(other)).toMatchObject({ verdict: 'denied' })
  })

  test('leaves a line that means another configuration to the direct verifier', async () => {
    const { answer, right } = await openJudge()
    const foreign = await answer({ configPath: '/srv/otpgate.toml', answer: right() })
    expect(foreign).toEqual({ verdict: 'ask-direct', log: [], say: [] })
    expect(await answer({ configPath: CONFIG_PATH, answer: right() })).toMatchObject({
      verdict: 'admitted',
    })
  })

  test('denies in a phase that the line is not for', async () => {
    const { answer, right } = await openJudge()
    const wrong = await answer({ type: 'account', answer: right() })
    expect(wrong).toMatchObject({
      verdict: 'denied',
      log: [{ priority: 'err', fields: { reason: 'ERR_PAM_ENVIRONMENT' } }],
    })
  })

  test('decides nothing past the deadline', async () => {
    const { ports, answer, right } = await openJudge()
    const before = readAlice(ports)
    await expect(answer({ answer: right() }, createDeadline(0))).rejects.toMatchObject({
      code: 'ERR_DEADLINE',
    })
    expect(readAlice(ports)).toEqual(before)
  })

  test.each([
    'ERR_KEY_MISSING',
    'ERR_STORE_CORRUPT',
    'ERR_STORE_FULL',
  ] as const)('denies with its cause where the store fails: %s', async (code) => {
    const broken = {
      borrow: () => {
        throw new AppError(code, 'it is broken')
      },
      close: () => {},
    }
    const { answer, right } = await openJudge({ ports: broken })
    const typed = await answer({ answer: right() })
    expect(typed).toMatchObject({
      verdict: 'denied',
      log: [{ priority: 'err', fields: { reason: code } }],
    })
    expect(await answer({ mode: 'excused' })).toMatchObject({ say: [DEFAULT_PROMPT] })
  })

  test('gives no verdict where the database is locked: direct mode waits for longer', async () => {
    const locked = {
      borrow: () => {
        throw new AppError('ERR_STORE_LOCKED', 'it is locked')
      },
      close: () => {},
    }
    const { answer } = await openJudge({ ports: locked })
    await expect(answer()).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
  })
})

describe('a daemon whose key is not that of the files any more', () => {
  const RESCUE = '[[exempt]]\nname = "glass"\nusers = ["alice"]\nemergency = true\n'

  test('gives no verdict on a code whose secret it cannot open, and charges nobody', async () => {
    const { ports, answer, right } = await openJudge()
    const { vault } = ports
    const open = () => {
      throw new AppError('ERR_KEY_WRONG', 'it names another')
    }
    Object.assign(vault, { open })
    const before = readAlice(ports)
    await expect(answer({ answer: right() })).rejects.toMatchObject({ code: 'ERR_KEY_WRONG' })
    expect(readAlice(ports)).toEqual(before)
    // What takes no key is judged all the same.
    expect(await answer({ mode: 'excused' })).toMatchObject({ verdict: 'denied' })
  })

  test.each([
    ['ERR_KEY_WRONG', undefined],
    ['ERR_STORE_SCHEMA', undefined],
    ['ERR_KEY_MISSING', 'admitted'],
  ] as const)('takes only another failure for an emergency: %s', async (code, verdict) => {
    const broken = {
      borrow: () => {
        throw new AppError(code, 'it is broken')
      },
      close: () => {},
    }
    const loadConfig = () => parseConfig(RESCUE, CONFIG_PATH)
    const { answer } = await openJudge({ ports: broken, loadConfig })
    const answered = answer({ mode: 'excused' })
    if (verdict === undefined) await expect(answered).rejects.toMatchObject({ code })
    else await expect(answered).resolves.toMatchObject({ verdict })
  })
})

describe('the configuration of the daemon', () => {
  test('that is broken at the start denies everybody with its cause, until it is mended', async () => {
    let text = '[policy]\nunenroled = "allow"\n'
    const loadConfig = () => parseConfig(text, CONFIG_PATH)
    const { judge, answer, right } = await openJudge({ loadConfig })
    expect(judge.trouble()).toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    const denied = await answer({ answer: right() })
    expect(denied).toMatchObject({
      verdict: 'denied',
      log: [{ priority: 'err', fields: { reason: 'ERR_CONFIG_INVALID' } }],
    })
    text = ''
    judge.reload()
    expect(judge.trouble()).toBeUndefined()
    expect(await answer({ answer: right() })).toMatchObject({ verdict: 'admitted' })
  })

  test('that is broken later is not taken: the old one stays in force', async () => {
    let text = '[messages]\nprompt = "Code?"\n'
    const loadConfig = () => parseConfig(text, CONFIG_PATH)
    const { judge, answer } = await openJudge({ loadConfig })
    text = '[messages]\nprompt = 7\n'
    expect(errorCodeOf(() => judge.reload())).toBe('ERR_CONFIG_INVALID')
    expect(await answer({ mode: 'excused' })).toMatchObject({ say: ['Code?'] })
    text = '[messages]\nprompt = "The code?"\n'
    judge.reload()
    expect(await answer({ mode: 'excused' })).toMatchObject({ say: ['The code?'] })
  })
})
