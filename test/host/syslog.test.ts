import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { createAuthLog, type LogPriority } from '../../src/host/syslog.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const LOGGER = '/usr/bin/logger'

/** What a syslog server on a socket of its own gets when one line is logged, and the answer. */
async function logOnce(priority: LogPriority, line: string) {
  const server = createServer()
  const received = new Promise<string>((resolve) =>
    server.once('connection', (peer) => resolve(text(peer))),
  )
  await new Promise<void>((resolve) => server.listen(scratch('log'), resolve))
  try {
    const log = createAuthLog('otpgate', { logger: LOGGER, socket: scratch('log') })
    const wasWritten = log(priority, line)
    return { wasWritten, message: await received }
  } finally {
    server.close()
  }
}

function runningLogger(script: string) {
  writeFileSync(scratch('logger'), `#!/bin/sh\n${script}\n`, { mode: 0o700 })
  writeFileSync(scratch('log'), '')
  return createAuthLog('otpgate', { logger: scratch('logger'), socket: scratch('log') })
}

describe('the authpriv log', () => {
  test.each([
    { priority: 'info', value: 86 },
    { priority: 'notice', value: 85 },
    { priority: 'warning', value: 84 },
    { priority: 'err', value: 83 },
    { priority: 'alert', value: 81 },
  ] as const)('gets the line under our name and process, at $priority', async (wanted) => {
    const { wasWritten, message } = await logOnce(wanted.priority, 'user=alice outcome=allowed')
    expect(wasWritten).toBe(true)
    expect(message).toMatch(new RegExp(`^<${wanted.value}>.* otpgate\\[${process.pid}\\]: `))
    expect(message).toMatch(/]: user=alice outcome=allowed\n$/)
  })

  test.each(['--help', '<0>panic', '%s%n', '$(id)', ''])('gets %j as it is', async (line) => {
    const { message } = await logOnce('info', `${line} x`)
    expect(message).toContain(`: ${line} x\n`)
  })

  test('gets one line, also where a line break came through', async () => {
    const { message } = await logOnce('info', 'one\ntwo\r\0three\u00fc')
    expect(message).toMatch(/: one\?two\?\?three\?\n$/)
  })

  test('gets 1,000 bytes at most, in one message', async () => {
    const { message } = await logOnce('info', `${'x'.repeat(999)}yz`)
    expect(message).toMatch(/: x{999}y\n$/)
  })
})

describe('a log that cannot be written', () => {
  test('is said, never thrown: no socket, nobody behind it, no logger', () => {
    const places = { logger: LOGGER, socket: scratch('nothing') }
    expect(createAuthLog('otpgate', places)('info', 'x')).toBe(false)
    writeFileSync(scratch('log'), '')
    expect(createAuthLog('otpgate', { ...places, socket: scratch('log') })('info', 'x')).toBe(false)
    const noLogger = { logger: scratch('nothing'), socket: scratch('log') }
    expect(createAuthLog('otpgate', noLogger)('info', 'x')).toBe(false)
  })

  test('is said where logger fails or hangs', () => {
    expect(runningLogger('exit 1')('info', 'x')).toBe(false)
    expect(runningLogger('exec sleep 60')('info', 'x')).toBe(false)
  })

  test('costs no process where there is no socket', () => {
    const log = createAuthLog('otpgate', { logger: scratch('logger'), socket: scratch('nothing') })
    writeFileSync(scratch('logger'), '#!/bin/sh\nexit 0\n', { mode: 0o700 })
    expect(log('info', 'x')).toBe(false)
  })
})
