import { describe, expect, test } from 'vitest'
import { type Moment, remainingSeconds } from '../../../src/setup/watch/countdown.ts'
import { makeJournal, momentAfterBoot, momentAt, TIMEOUT_SECONDS } from './watched-setup.ts'

const DAY = 86_400

describe('the countdown of a set-up', () => {
  test('runs down to nothing', () => {
    expect(left(momentAt(0))).toBe(TIMEOUT_SECONDS)
    expect(left(momentAt(299))).toBe(1)
    expect(left(momentAt(300))).toBe(0)
  })

  test.each([DAY, -DAY])('does not go by a wall clock that was set by %d seconds', (wall) => {
    expect(left(momentAt(100, { wall }))).toBe(200)
  })

  test('goes on after a reboot with what was left', () => {
    expect(left(momentAfterBoot(100, 20))).toBe(200)
    expect(left(momentAfterBoot(301, 20))).toBeLessThan(0)
  })

  test('never has more than the whole time after a reboot, however far the clock is behind', () => {
    expect(left(momentAfterBoot(100, 0, { wall: -DAY }))).toBe(TIMEOUT_SECONDS)
    expect(left(momentAfterBoot(100, 299, { wall: -DAY }))).toBe(1)
    expect(left(momentAfterBoot(100, 300, { wall: -DAY }))).toBe(0)
  })

  test('goes on in a container that counts from 0 again under the id of its host', () => {
    const { bootId } = momentAt(0)
    expect(left({ ...momentAfterBoot(100, 20), bootId })).toBe(200)
    expect(left({ ...momentAfterBoot(301, 20), bootId })).toBeLessThan(0)
  })

  test('is over after a reboot where the clock says so', () => {
    expect(left(momentAfterBoot(100, 20, { wall: DAY }))).toBeLessThan(0)
  })
})

function left(moment: Moment): number {
  const { deadline } = makeJournal()
  if (deadline === undefined) throw new Error('no deadline')
  return remainingSeconds(deadline, TIMEOUT_SECONDS, moment)
}
