import { lstatSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatLogRecord } from '../../src/app/log-record.ts'
import { AppError } from '../../src/base/errors.ts'
import type { DaemonJournal } from '../../src/daemon/journal.ts'
import type { Judge } from '../../src/daemon/judge.ts'
import { type DaemonParts, startDaemon } from '../../src/daemon/lifecycle.ts'
import type { ServiceNotifier } from '../../src/host/sd-notify.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { CODE_QUESTION, encodeQuestion } from './client-frame.ts'
import { ask } from './client-socket.ts'

const scratch = useScratchDirectory()
const QUESTION = encodeQuestion(CODE_QUESTION)
const ADMITTED = {
  verdict: 'admitted',
  log: [{ priority: 'info', outcome: 'accepted', fields: { user: 'alice' } }],
  say: ['Recovery code used: 3 codes left.'],
} as const

const NOTHING_YET = '0 answered, 0 not, 0 open'

/** A daemon until the end of the test, with a record of what it told whom. */
async function start(judging: Partial<Judge> = {}, parts: Partial<DaemonParts> = {}) {
  const heard: string[] = []
  const journal: DaemonJournal = {
    login: (record) => heard.push(`login ${record.priority} ${formatLogRecord(record)}`),
    note: (priority, message, fields = {}) =>
      heard.push(`${priority} ${message} ${JSON.stringify(fields)}`),
    close: async () => {},
  }
  const notifier: ServiceNotifier = {
    ready: (status) => heard.push(`READY ${status}`),
    reloading: () => heard.push('RELOADING'),
    stopping: () => heard.push('STOPPING'),
    alive: (status) => heard.push(`ALIVE ${status}`),
    settled: async () => {},
  }
  const judge: Judge = {
    answer: async () => ADMITTED,
    trouble: () => undefined,
    reload: () => 'read /etc/otpgate/otpgate.toml',
    close: () => heard.push('judge closed'),
    ...judging,
  }
  const path = scratch('socket')
  const place = { kind: 'path', path } as const
  const daemon = await startDaemon({
    place,
    judge,
    journal,
    notifier,
    watchdogMilliseconds: undefined,
    ...parts,
  })
  onTestFinished(() => daemon.stop())
  const begun = heard.splice(0)
  expect(begun[0]).toBe(`info listening on ${path} {}`)
  if (judging.trouble === undefined) expect(begun[1]).toBe(`READY ${NOTHING_YET}`)
  return { daemon, begun, heard, path, place }
}

describe('the daemon', () => {
  test('answers, and notes each login once', async () => {
    const { heard, path } = await start()
    expect(await ask(path, QUESTION)).toMatchObject({
      verdict: 'Y',
      entries: [
        { tag: 6, text: 'accepted user=alice' },
        { tag: 64, text: 'Recovery code used: 3 codes left.' },
      ],
    })
    expect(heard).toEqual(['login info accepted user=alice'])
  })

  test('listens also where it can only deny, and says why', async () => {
    const broken = new AppError('ERR_CONFIG_INVALID', 'otpgate.toml line 1: what is this')
    const { begun } = await start({ trouble: () => broken })
    const why = { reason: 'ERR_CONFIG_INVALID', cause: 'otpgate.toml line 1: what is this' }
    expect(begun.slice(1)).toEqual([
      `err no login can be judged ${JSON.stringify(why)}`,
      `READY cannot judge: otpgate.toml line 1: what is this; ${NOTHING_YET}`,
    ])
  })

  test('notes what got no answer: our own errors in full, of others the kind', async () => {
    const errors = [
      new AppError('ERR_STORE_FULL', 'the disk is full'),
      new RangeError('secret 123456'),
      '123456',
    ]
    const { heard, path } = await start({
      answer: async () => {
        throw errors.shift()
      },
    })
    for (let count = 0; count < 3; count++) expect(await ask(path, QUESTION)).toBeUndefined()
    expect(heard).toEqual([
      'err a login got no answer {"reason":"ERR_STORE_FULL","cause":"the disk is full"}',
      'err a login got no answer {"reason":"ERR_INTERNAL","cause":"RangeError"}',
      'err a login got no answer {"reason":"ERR_INTERNAL","cause":"string"}',
    ])
  })

  test('tells systemd about a reload, and what is in force after it', async () => {
    const { daemon, heard } = await start()
    daemon.reload()
    expect(heard).toEqual([
      'RELOADING',
      'notice read /etc/otpgate/otpgate.toml {}',
      `READY ${NOTHING_YET}`,
    ])
  })

  test('keeps what it had where the new configuration is bad, and says so', async () => {
    const { daemon, heard, path } = await start({
      reload: () => {
        throw new AppError('ERR_CONFIG_INVALID', 'line 3: no such key')
      },
    })
    daemon.reload()
    expect(heard).toEqual([
      'RELOADING',
      'err the old configuration is kept {"reason":"ERR_CONFIG_INVALID","cause":"line 3: no such key"}',
      `READY old configuration: line 3: no such key; ${NOTHING_YET}`,
    ])
    expect(await ask(path, QUESTION)).toMatchObject({ verdict: 'Y' })
  })

  test('counts', async () => {
    const { daemon, heard, path } = await start()
    await ask(path, QUESTION)
    await ask(path, Buffer.from('GET / HTTP/1.1'))
    heard.splice(0)
    daemon.report()
    expect(heard).toEqual([
      'info counts {"answered":1,"refused":1,"left":0,"late":0,"failed":0,"turnedAway":0,"open":0}',
    ])
  })

  test('is alive for the watchdog until it stops', async () => {
    const { daemon, heard } = await start({}, { watchdogMilliseconds: 5 })
    while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(new Set(heard)).toEqual(new Set(['ALIVE 0 answered, 0 not, 0 open']))
    await daemon.stop()
    const { length } = heard
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(heard).toHaveLength(length)
  })

  test('stops after the logins under way, and closes the judge last', async () => {
    const answers: (() => void)[] = []
    const { daemon, heard, path } = await start({
      answer: () => new Promise((resolve) => answers.push(() => resolve(ADMITTED))),
    })
    const asked = ask(path, QUESTION)
    while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const stopped = daemon.stop()
    expect(() => lstatSync(path)).toThrow('ENOENT')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(heard).toEqual(['STOPPING'])
    answers[0]?.()
    await stopped
    expect(await asked).toMatchObject({ verdict: 'Y' })
    expect(heard.slice(1, 3)).toEqual(['login info accepted user=alice', 'judge closed'])
    expect(heard[3]).toMatch(/^info stopped \{"answered":1,/)
  })

  test('does not wait for ever for a judge that has no end', async () => {
    const { daemon, heard, path } = await start(
      { answer: () => new Promise(() => {}) },
      // The judge is asked before the deadline, also where something takes its time.
      { deadlineMilliseconds: 200, drainMilliseconds: 60 },
    )
    expect(await ask(path, QUESTION)).toBeUndefined()
    await daemon.stop()
    expect(heard.slice(0, 2)).toEqual(['STOPPING', 'judge closed'])
    expect(heard[2]).toMatch(/^warning stopped .*"open":1/)
  })

  test('gives the judge back where it cannot listen', async () => {
    const { place } = await start()
    await expect(start({}, { place })).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  })
})
