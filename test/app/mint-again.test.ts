import { describe, expect, test } from 'vitest'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { inviteAccount } from '../../src/app/invite-account.ts'
import { issueBypass } from '../../src/app/issue-bypass.ts'
import { renewRecoveryCodes } from '../../src/app/renew-recovery-codes.ts'
import { addSeconds } from '../../src/base/time.ts'
import { ONE_TIME_CODE_BYTES, toOneTimeCodeParts } from '../../src/domain/one-time-code.ts'
import { ALICE } from '../support/account-fixture.ts'
import {
  ALICE_ENTRY,
  buildEnrollInput,
  createTestPorts,
  enrollAlice,
  readAlice,
  type TestPorts,
} from '../support/app-fixture.ts'

const SAME = Buffer.alloc(ONE_TIME_CODE_BYTES, 7)
const { selector: TAKEN } = toOneTimeCodeParts(SAME)
const BYPASS = {
  ...{ entry: ALICE_ENTRY, actor: 'root', reason: undefined },
  ...{ forSeconds: 3600, uses: 1 },
}
const ADMIN = { name: ALICE, actor: 'root', reason: undefined }

/** Ports that draw the bytes `SAME` for the next codes, `times` times. */
function drawingTheSame(ports: TestPorts, times: number): TestPorts {
  let left = times
  const randomBytes = (count: number) =>
    count === ONE_TIME_CODE_BYTES && left-- > 0 ? SAME : ports.randomBytes(count)
  return { ...ports, randomBytes }
}

const selectors = (ports: TestPorts) => readAlice(ports).oneTimeCodes.map((code) => code.selector)

/** Alice, enrolled, with a bypass code that has the selector. */
async function withBypass(): Promise<TestPorts> {
  const ports = createTestPorts()
  await enrollAlice(ports)
  await issueBypass(drawingTheSame(ports, 1), BYPASS)
  expect(selectors(ports)).toContain(TAKEN)
  return ports
}

describe('a new code whose selector another code of the person has is made anew', () => {
  const assertApart = (ports: TestPorts) =>
    expect(new Set(selectors(ports)).size).toBe(selectors(ports).length)

  test('by bypass', async () => {
    const ports = await withBypass()
    const { code } = await issueBypass(drawingTheSame(ports, 2), BYPASS)
    expect(code.startsWith(TAKEN)).toBe(false)
    assertApart(ports)
  })

  test('by recovery new', async () => {
    const ports = await withBypass()
    await renewRecoveryCodes(drawingTheSame(ports, 1), ADMIN)
    assertApart(ports)
  })

  test('by invite, beside a bypass code', async () => {
    const ports = await withBypass()
    const state = readAlice(ports)
    ports.memory.write(ALICE, { ...state, devices: [] })
    const until = addSeconds(ports.now(), 3600)
    await inviteAccount(drawingTheSame(ports, 1), { ...BYPASS, until, withCode: true })
    assertApart(ports)
  })

  test('by enroll --no-confirm, and the device is there once', async () => {
    const ports = await withBypass()
    const { oneTimeCodes, ...rest } = readAlice(ports)
    ports.memory.write(ALICE, { ...rest, devices: [], oneTimeCodes: oneTimeCodes.slice(-1) })
    const input = buildEnrollInput({ mintCodes: true, countsUnconfirmed: true })
    await enrollDevice(drawingTheSame(ports, 1), input)
    assertApart(ports)
    expect(readAlice(ports).devices).toHaveLength(1)
  })
})

test('a source of randomness that only repeats itself is an error, and nothing is changed', async () => {
  const ports = await withBypass()
  const before = readAlice(ports)
  await expect(issueBypass(drawingTheSame(ports, 99), BYPASS)).rejects.toThrow('selector')
  expect(readAlice(ports)).toEqual(before)
})
