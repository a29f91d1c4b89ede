import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunEndToEnd } from '../support/host-requirement.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { copyCheckout } from './checkout-copy.ts'
import { type DemoEnd, findTraces, runDemo } from './demo-run.ts'

const SLOW_TEST_MS = 120_000
const ANYTHING_BUT_PLAIN_LINES = /[^ -~\n]/
const STEPS = 9

describe.skipIf(!canRunEndToEnd())('the demo as root', { timeout: SLOW_TEST_MS }, () => {
  let end: DemoEnd
  beforeAll(async () => {
    end = await runDemo()
  }, SLOW_TEST_MS)

  test('logs in through a real sshd, and every step goes as expected', () => {
    expect(end).toMatchObject({ status: 0, stderr: '' })
    expect(end.stdout).toContain('an sshd of its own')
    expect(end.stdout).toMatch(/\$ ssh -p \d+ otpgt\w+@127\.0\.0\.1 whoami/)
    expect(end.stdout).toContain(`${STEPS} steps, all as expected.`)
    expect(end.stdout.match(/^ {3}ok: /gm)).toHaveLength(STEPS)
  })

  test('leaves nothing behind', () => {
    expect(end.stdout).toContain('Removed again: the user')
    expect(end.traces).toEqual([])
  })

  test('prints plain lines of at most 80 characters into a pipe', () => {
    expect(end.stdout).not.toMatch(ANYTHING_BUT_PLAIN_LINES)
    const tooLong = end.stdout.split('\n').filter((line) => line.length > 80)
    expect(tooLong).toEqual([])
  })

  test.each([
    { signal: 'SIGINT', status: 130, during: '$ otpgate enroll' },
    { signal: 'SIGTERM', status: 143, during: '4. With' },
    { signal: 'SIGHUP', status: 129, during: '7. The phone' },
  ] as const)('leaves nothing behind after $signal in the middle', async (ending) => {
    let before: readonly string[] = []
    const { status, stdout, traces } = await runDemo({
      onOutput: (text, demo) => {
        if (before.length > 0 || !text.includes(ending.during)) return
        before = findTraces(demo.pid ?? 0)
        demo.kill(ending.signal)
      },
    })
    expect(before.length).toBeGreaterThanOrEqual(4)
    expect(status).toBe(ending.status)
    expect(stdout).not.toContain('all as expected')
    expect(traces).toEqual([])
  })
})

describe.skipIf(!canRunEndToEnd())('the demo without root', { timeout: SLOW_TEST_MS }, () => {
  let host: ThrowawayHost
  let checkout: string
  let user: ReturnType<ThrowawayHost['addUser']>

  beforeAll(() => {
    host = openThrowawayHost()
    user = host.addUser()
    checkout = join(host.directory, 'checkout')
    mkdirSync(checkout, { mode: 0o755 })
    copyCheckout(checkout)
  }, SLOW_TEST_MS)

  afterAll(() => host?.close())

  test('says that there is no sshd, plays its part, and leaves nothing behind', async () => {
    const end = await runDemo({ checkout, as: user })
    expect(end).toMatchObject({ status: 0, stderr: '', traces: [] })
    expect(end.stdout).toContain('WITHOUT A REAL SSHD')
    expect(end.stdout).toContain('this demo lacks: root')
    expect(end.stdout).toContain(`sshd's part for ${user.name}`)
    expect(end.stdout).toContain(`${STEPS} steps, all as expected.`)
    expect(end.stdout).not.toMatch(ANYTHING_BUT_PLAIN_LINES)
  })

  test('fails and names the steps when the verifier says yes to everything', async () => {
    const verifier = join(checkout, 'bin/otpgate-verify')
    writeFileSync(verifier, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const end = await runDemo({ checkout, as: user })
    expect(end).toMatchObject({ status: 1, traces: [] })
    expect(end.stdout).toContain('NOT OK: let in, and should not have been')
    expect(end.stdout).toContain(`${STEPS} steps, 7 not as expected:`)
    expect(end.stdout).toContain('\n   3. Somebody logs in with the SSH key alone\n')
  })
})
