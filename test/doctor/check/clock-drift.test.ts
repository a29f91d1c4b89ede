import { describe, expect, test } from 'vitest'
import { clockDriftCheck } from '../../../src/doctor/check/clock-drift.ts'
import type { Device } from '../../../src/domain/device.ts'
import { buildButton, buildDevice, NOW } from '../../support/account-fixture.ts'
import { describeOnHost } from '../ailment.ts'
import { buildFacts } from '../facts-fixture.ts'

const EMPTY = { secrets: { secrets: 0, unopened: [] }, auditEnd: { rows: 0, problem: undefined } }
const used = (driftSeconds: number) => buildDevice({ driftSeconds, lastUsedAt: NOW })

function judge(...devices: readonly Device[]) {
  const owned = devices.map((device) => ({ owner: 'alice', device }))
  const store = { kind: 'open', accounts: [], devices: owned, ...EMPTY } as const
  const diagnosis = clockDriftCheck.judge(buildFacts({ store }))
  return diagnosis.kind === 'examined' ? diagnosis.findings.map(({ what }) => what) : undefined
}

describe('the clock by the codes of people', () => {
  test('is right where one phone is far off', () => {
    expect(judge(used(60), used(0), used(1), used(-2), used(0))).toEqual([])
  })

  test('is behind where all phones are ahead alike, with numbers', () => {
    expect(judge(used(12), used(30), used(24), used(22))).toEqual([
      'half of the 4 devices are 24 s or more ahead of this host (from +12 to +30 s)',
    ])
  })

  test('is ahead where all phones are behind alike', () => {
    expect(judge(used(-30), used(-24), used(-3))).toEqual([
      'half of the 3 devices are 24 s or more behind this host (from -30 to -3 s)',
    ])
  })

  test('is right as long as the middle is less than half a period off', () => {
    expect(judge(used(14), used(14), used(30))).toEqual([])
    expect(judge(used(15), used(15), used(30))).toHaveLength(1)
  })

  test('is not judged by devices that were never used, nor by counters', () => {
    const unused = buildDevice({ driftSeconds: 30 })
    expect(judge(used(30), used(30), unused, buildButton({ lastUsedAt: NOW }))).toBeUndefined()
  })
})

describeOnHost('the clock by the codes of a database', (host) => {
  test('is found wrong, and right again', async () => {
    const devices = ['a', 'b', 'c'].map((each) =>
      buildDevice({ id: each.repeat(32), label: each, driftSeconds: 30, lastUsedAt: NOW }),
    )
    await host().change(...devices.map((device) => ({ kind: 'add-device', device }) as const))
    expect(await host().complaints()).toEqual(['clock by the codes: warning'])
    await host().change(
      ...devices.map(({ id }) => ({ kind: 'set-drift', deviceId: id, driftSeconds: 0 }) as const),
    )
    expect(await host().complaints()).toEqual([])
  })
})
