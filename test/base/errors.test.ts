import { expect, test } from 'vitest'
import { assertNever } from '../../src/base/assert.ts'
import { AppError, ifPossible } from '../../src/base/errors.ts'

test('an error carries its code, its hint and its cause', () => {
  const cause = new Error('disk')
  const error = new AppError('ERR_STORE_FULL', 'the disk is full', { hint: 'make room', cause })
  expect(error).toMatchObject({
    code: 'ERR_STORE_FULL',
    hint: 'make room',
    name: 'AppError',
    cause,
  })
  expect(error.message).toBe('the disk is full')
})

test('an error without a cause has none, not an undefined one', () => {
  expect('cause' in new AppError('ERR_USAGE', 'no')).toBe(false)
})

test('a variant that should not exist is an error, not a default', () => {
  expect(() => assertNever({ kind: 'hotp' } as never)).toThrow(TypeError)
})

test('what is done if possible comes to nothing for our errors alone', () => {
  const fail = (error: Error) => () => {
    throw error
  }
  expect(ifPossible(() => 7)).toBe(7)
  expect(ifPossible(fail(new AppError('ERR_STORE_FULL', 'the disk is full')))).toBeUndefined()
  expect(() => ifPossible(fail(new TypeError('a mistake of ours')))).toThrow(TypeError)
})
