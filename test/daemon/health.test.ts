import { expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { createHealth } from '../../src/daemon/health.ts'

const COUNTS = { answered: 7, refused: 1, left: 0, late: 0, failed: 2, turnedAway: 1, open: 3 }
const DONE = '7 answered, 4 not, 3 open'

test('the status counts logins where nothing is wrong', () => {
  expect(createHealth({ trouble: () => undefined }, () => COUNTS).status()).toBe(DONE)
})

test('what is wrong stays in front as long as it is wrong', () => {
  let trouble: unknown = new AppError('ERR_KEY_WRONG', 'the key is another one')
  const health = createHealth({ trouble: () => trouble }, () => COUNTS)
  health.noteRefusal(new RangeError('secret'))
  const told = `cannot judge: the key is another one; old configuration: RangeError; ${DONE}`
  expect(health.status()).toBe(told)
  expect(health.status()).toBe(told)
  trouble = undefined
  health.noteRefusal(undefined)
  expect(health.status()).toBe(DONE)
})
