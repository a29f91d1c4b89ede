import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appCode, RFC_SECRET } from '../support/app-code.ts'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { openThrowawayHost, type ThrowawayHost } from '../support/throwaway-host.ts'
import { type AdminShell, openAdminShell } from './admin-shell.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const RECOVERY_CODE = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/
const SECRET = /^[A-Z2-7]{32}$/

/** The shapes that scripts may count on; more fields may stand beside these. */
describe.skipIf(!canRunCommandLine())('JSON', { timeout: 60_000 }, () => {
  let host: ThrowawayHost
  let shell: AdminShell
  let alice: string
  let bob: string

  beforeAll(async () => {
    host = openThrowawayHost()
    alice = host.addUser().name
    bob = host.addUser().name
    shell = await openAdminShell(host, 'json')
  })
  afterAll(() => host?.close())

  test('of enroll --no-confirm has all that a script needs to hand the factor out', async () => {
    const enrolled = await shell.readJson(['enroll', alice, '--no-confirm'])
    const textOf = (pattern: RegExp | string) => expect.stringMatching(pattern)
    expect(enrolled).toEqual({
      user: alice,
      device: 'phone',
      secret: textOf(SECRET),
      uri: textOf(`^otpauth://totp/bastion.example.org:${alice}\\?secret=[A-Z2-7]{32}&`),
      recovery_codes: Array.from({ length: 10 }, () => textOf(RECOVERY_CODE)),
    })
  })

  test('of enroll names the secret that the URI holds', async () => {
    await shell.readJson(['reset', alice, '--yes'])
    const enrolled = await shell.readJson(['enroll', alice, '--no-confirm', '--no-recovery'])
    const fields = new Map(Object.entries(Object(enrolled)))
    const { searchParams } = new URL(String(fields.get('uri')))
    expect(searchParams.get('secret')).toBe(fields.get('secret'))
    expect(enrolled).toMatchObject({ recovery_codes: [] })
  })

  test('of show tells devices, failures, lock and last login, times in UTC', async () => {
    await shell.readJson(
      ['enroll', bob, '--secret-stdin'],
      `${RFC_SECRET}\n${appCode(RFC_SECRET)}\n`,
    )
    expect(await shell.readJson(['show', bob])).toMatchObject({
      user: bob,
      uid: expect.any(Number),
      status: 'enrolled',
      devices: [
        {
          label: 'phone',
          kind: 'totp',
          digits: 6,
          algorithm: 'SHA1',
          period: 30,
          created_at: expect.stringMatching(TIME),
          last_used_at: expect.stringMatching(TIME),
        },
      ],
      recovery_codes_left: 10,
      failures: 0,
      lock: null,
      last_login: null,
    })
  })

  test('is one value also where the command fails for some', async () => {
    const seen = await shell.readJson(['unlock', bob, 'nosuchuser', alice], '', 3)
    expect(seen).toEqual([
      { user: bob, result: 'unlocked' },
      { user: 'nosuchuser', error: 'ERR_USER_UNKNOWN' },
      { user: alice, result: 'unlocked' },
    ])
  })

  test.each([
    { args: ['list'] },
    { args: ['audit'] },
    { args: ['audit', 'verify'] },
    { args: ['config', 'check'] },
    { args: ['config', 'show'] },
    { args: ['init'] },
  ])('is all that $args prints', async ({ args }) => {
    const { status, stdout, stderr } = await shell.run([...args, '--json'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(() => JSON.parse(stdout)).not.toThrow()
    expect(stdout).toMatch(/^[\n -~]*$/)
  })
})
