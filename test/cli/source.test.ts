import { beforeEach, describe, expect, test } from 'vitest'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { addSeconds, DAY_SECONDS, formatTime, HOUR_SECONDS } from '../../src/base/time.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import {
  codeFor,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import { runOn } from './fake-cli.ts'

const REMEMBER = { toml: '[remember]\nfor = "1h"' }

describe('source', () => {
  let ports: TestPorts
  let secret: Buffer

  beforeEach(async () => {
    ports = createTestPorts()
    secret = (await enrollAlice(ports)).secret
    await logInFrom('192.0.2.7')
    ports.clock.move(HOUR_SECONDS)
    await logInFrom('2001:db8:1:2::7')
  })

  async function logInFrom(address: string) {
    const request = buildRequest({ sshConnection: `${address} 50000 192.0.2.1 22` })
    const answer = parseTypedCode(codeFor(ports, secret))
    const { decision } = await verifyLogin(ports, buildPolicy(), request, answer)
    expect(decision.outcome).toBe('accepted')
  }

  test('list tells where codes came from, the newest first, and until when that counts', async () => {
    const { stdout } = await runOn(ports, ['source', 'list', 'alice', '--json'], REMEMBER)
    const now = ports.now()
    expect(JSON.parse(stdout)).toEqual({
      user: 'alice',
      sources: [
        {
          network: '2001:db8:1:2::/64',
          first_factor: expect.stringMatching(/^publickey SHA256:/),
          last_success: formatTime(now),
          known_until: formatTime(addSeconds(now, 30 * DAY_SECONDS)),
          remembered_until: formatTime(addSeconds(now, HOUR_SECONDS)),
        },
        {
          network: '192.0.2.7',
          first_factor: expect.stringMatching(/^publickey SHA256:/),
          last_success: formatTime(addSeconds(now, -HOUR_SECONDS)),
          known_until: formatTime(addSeconds(now, 30 * DAY_SECONDS - HOUR_SECONDS)),
          remembered_until: null,
        },
      ],
    })
  })

  test('list says so where nothing is remembered, and where a source is known no more', async () => {
    ports.clock.move(30 * DAY_SECONDS)
    const { stdout } = await runOn(ports, ['source', 'list', 'alice'])
    expect(stdout).toMatch(/^2001:db8:1:2::\/64 +publickey \S+ +\S+ +no more +no$/m)
  })

  test.each([
    ['192.0.2.7', '2001:db8:1:2::/64'],
    ['::ffff:192.0.2.7', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::/64', '192.0.2.7'],
    ['2001:DB8:1:2:0:0:0:99', '192.0.2.7'],
  ])('revoke forgets %s and no other, on the record', async (address, other) => {
    const args = ['source', 'revoke', 'alice', address, '--reason', 'sold']
    expect(await runOn(ports, args)).toMatchObject({
      status: 0,
      stderr: 'alice: 1 source forgotten',
    })
    expect(readAlice(ports).sources.map(({ network }) => network)).toEqual([other])
    expect(ports.memory.audit.at(-1)).toMatchObject({ action: 'source-revoke', reason: 'sold' })
    expect(await runOn(ports, args)).toMatchObject({ status: 3 })
  })

  test('revoke forgets all, also where there is none', async () => {
    const args = ['source', 'revoke', 'alice', '--all', '--json']
    expect((await runOn(ports, args)).stdout).toBe('{"user":"alice","revoked":2}\n')
    expect((await runOn(ports, args)).stdout).toBe('{"user":"alice","revoked":0}\n')
    expect(readAlice(ports).sources).toEqual([])
  })

  test.each([
    [[]],
    [['192.0.2.7', '--all']],
    [['host.example.org']],
    [['192.0.2.0/24']],
  ])('revoke is not guessed for %j', async (rest) => {
    const { status } = await runOn(ports, ['source', 'revoke', 'alice', ...rest])
    expect(status).toBe(2)
    expect(readAlice(ports).sources).toHaveLength(2)
  })
})
