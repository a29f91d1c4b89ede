import { describe, expect, test } from 'vitest'
import { createTestPorts, enrollAlice } from '../support/app-fixture.ts'
import { runOn } from './fake-cli.ts'

const LONG = 'x'.repeat(201)

describe('an error with --json', () => {
  test.each([
    { line: 'show bob --json', status: 3, code: 'ERR_USER_UNKNOWN' },
    { line: '--json show bob', status: 3, code: 'ERR_USER_UNKNOWN' },
    { line: 'bypass alice --json', status: 2, code: 'ERR_USAGE' },
    { line: 'bypass alice --for 4h --json', status: 3, code: 'ERR_ACCOUNT_UNKNOWN' },
    { line: 'device rename alice a b --json', status: 3, code: 'ERR_ACCOUNT_UNKNOWN' },
    { line: 'enroll alice --json', status: 2, code: 'ERR_USAGE' },
    { line: 'waive alice --for 4h --json', status: 2, code: 'ERR_USAGE' },
    { line: 'unlock --json', status: 2, code: 'ERR_USAGE' },
    { line: 'list --json --nonsense', status: 2, code: 'ERR_USAGE' },
    { line: 'nonsense --json', status: 2, code: 'ERR_USAGE' },
    { line: 'show --json', status: 2, code: 'ERR_USAGE' },
    { line: 'device --json', status: 2, code: 'ERR_USAGE' },
    { line: 'disable alice --json', status: 2, code: 'ERR_USAGE' },
    { line: 'self status --json', status: 2, code: 'ERR_USAGE' },
  ])('is one value on stdout, beside the same words on stderr: $line', async (row) => {
    const { status, stdout, stderr } = await runOn(createTestPorts(), row.line.split(' '))
    expect(status).toBe(row.status)
    const { error, ...others } = JSON.parse(stdout)
    expect(others).toEqual({})
    expect(error).toMatchObject({ code: row.code, hint: expect.any(String) })
    expect(stderr).toContain(`otpgate: ${error.message}\nhint: ${error.hint}`)
  })

  test('of one of several people stands in the array', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const { status, stdout } = await runOn(ports, ['unlock', 'alice', 'bob', '--json'])
    expect(status).toBe(3)
    expect(JSON.parse(stdout)).toEqual([
      { user: 'alice', result: 'unlocked' },
      { user: 'bob', error: 'ERR_USER_UNKNOWN' },
    ])
  })

  test('is not printed behind a result', async () => {
    const ports = createTestPorts()
    await enrollAlice(ports)
    const find = async () => {
      throw new Error('a disk that fails now')
    }
    const register = { ...ports.register, find }
    const args = ['bypass', 'alice', '--for', '4h', '--json']
    const { status, stdout } = await runOn({ ...ports, register }, args)
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ user: 'alice', uses: 1 })
  })

  test('that is none of ours tells scripts no more than that', async () => {
    const ports = createTestPorts()
    const find = async () => {
      throw new Error('what it says may be anything')
    }
    const broken = { ...ports, register: { ...ports.register, find } }
    const { stdout } = await runOn(broken, ['show', 'alice', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'ERR_INTERNAL', message: 'internal error', hint: null },
    })
  })
})

test.each([
  'invite alice --for 999999999d',
  'invite alice --for 9999999d',
  'waive alice --for 999999999d --reason x',
  'waive alice --until 9999-12-31 --reason x',
  'bypass alice --for 999999999d',
])('an end that nobody lives to see is a usage error: %s', async (line) => {
  const ports = createTestPorts()
  const { status, stderr } = await runOn(ports, line.split(' '))
  expect(status).toBe(2)
  expect(stderr).toMatch(/^otpgate: .*\nhint: /)
  expect(stderr).not.toMatch(/internal|\d{5}-/)
})

test.each([
  ['one of 201 characters', LONG],
  ['one of two lines', 'phone\nat home'],
  ['one that ends a line the other way', 'phone\u2028at home'],
])('a reason is refused before anything is done: %s', async (_, reason) => {
  const ports = createTestPorts()
  await enrollAlice(ports)
  const before = ports.memory.audit.length
  const { status, stderr } = await runOn(ports, ['unlock', 'alice', '--reason', reason])
  expect(status).toBe(2)
  expect(stderr).toContain('hint: one line of at most 200 characters')
  expect(ports.memory.audit).toHaveLength(before)
  const longest = await runOn(ports, ['unlock', 'alice', '--reason', LONG.slice(1)])
  expect(longest.status).toBe(0)
})

describe('a secret that was typed', () => {
  const SECRET = '3132333435363738393031323334353637383930'
  const add = (...options: string[]) =>
    runOn(createTestPorts(), ['enroll', 'alice', '--secret-stdin', ...options], {
      answers: [SECRET],
    })

  test('is not shown again', async () => {
    const { stdout, stderr } = await add('--no-confirm', '--no-recovery')
    expect(stdout).toBe('')
    expect(stderr).toContain('The secret is stored.')
    expect(stderr).not.toContain('otpauth')
  })

  test('is drawn where a picture is asked for', async () => {
    const { stdout } = await add('--no-confirm', '--no-recovery', '--qr', 'none')
    expect(stdout).toContain('otpauth://')
  })
})
