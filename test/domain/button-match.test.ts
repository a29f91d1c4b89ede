import { describe, expect, test } from 'vitest'
import { nextCounter } from '../../src/domain/device.ts'
import { countRightCodes, HOTP_LOOK_AHEAD, judgeCode } from '../../src/domain/device-match.ts'
import { buildButton, buildDevice, codeOf, NOW, openPlain } from '../support/account-fixture.ts'
import { runTool } from '../support/run-tool.ts'
import { HOTP_KEY, HOTP_VECTORS } from '../vectors/rfc4226.ts'

function judge(code: string, lastAcceptedStep?: number) {
  const button = buildButton({ lastAcceptedStep })
  return judgeCode([button], code, { now: NOW, window: 1, openSecret: openPlain })
}

describe('a code by presses', () => {
  test.each(HOTP_VECTORS)('of RFC 4226 appendix D is right at its turn: $counter', (vector) => {
    const before = vector.counter === 0 ? undefined : vector.counter - 1
    expect(judge(vector.code, before)).toMatchObject({ kind: 'right', step: vector.counter })
  })

  test('may be so many presses ahead that six are right at a time, and no more', () => {
    const right = (used: number | undefined) =>
      HOTP_VECTORS.filter(({ code }) => judge(code, used).kind === 'right').map(
        ({ counter }) => counter,
      )
    expect(right(undefined)).toEqual([0, 1, 2, 3, 4, 5])
    expect(right(0)).toEqual([1, 2, 3, 4, 5, 6])
    expect(right(3)).toEqual([4, 5, 6, 7, 8, 9])
    expect(right(undefined)).toHaveLength(HOTP_LOOK_AHEAD)
    expect(countRightCodes([buildButton()], 4)).toBe(HOTP_LOOK_AHEAD)
  })

  test('that was used last is told apart from a wrong one; older ones are wrong', () => {
    expect(judge(HOTP_VECTORS[4].code, 4)).toEqual({ kind: 'replayed' })
    expect(judge(HOTP_VECTORS[3].code, 4)).toEqual({ kind: 'wrong' })
  })

  test('stands beside those of a phone: both count, together nine at most', () => {
    const devices = [buildDevice(), buildButton({ sealedSecret: Buffer.alloc(20, 3) })]
    const matching = { now: NOW, window: 1, openSecret: openPlain }
    for (const device of devices) {
      const verdict = judgeCode(devices, codeOf(device), matching)
      expect(verdict).toMatchObject({ kind: 'right', device: { id: device.id } })
    }
    expect(countRightCodes(devices, 1)).toBe(9)
  })

  test('is what oathtool shows', () => {
    const hex = Buffer.from(HOTP_KEY).toString('hex')
    const args = ['--hotp', '--counter', '123456', '--digits', '8', hex]
    const code = runTool('oathtool', args).stdout.trim()
    const button = buildButton({ digits: 8, lastAcceptedStep: 123_455 })
    const matching = { now: NOW, window: 1, openSecret: openPlain }
    expect(judgeCode([button], code, matching)).toMatchObject({ kind: 'right', step: 123_456 })
  })
})

test('the next counter is the one behind the last used, and 0 where none is', () => {
  expect(nextCounter(buildButton())).toBe(0)
  expect(nextCounter(buildButton({ lastAcceptedStep: 41 }))).toBe(42)
})
