import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { reportError } from '../../src/cli/report.ts'

function report(error: unknown) {
  const said: string[] = []
  const status = reportError({ talk: (line) => said.push(line) }, error)
  return { status, said }
}

describe('an error', () => {
  test('is told as what happened and what to do, with the status of its code', () => {
    const error = new AppError('ERR_KEY_WRONG', 'the key is wrong', { hint: 'put it back' })
    expect(report(error)).toEqual({
      status: EXIT.key,
      said: ['otpgate: the key is wrong', 'hint: put it back'],
    })
  })

  test('has no hint where there is none', () => {
    expect(report(new AppError('ERR_REFUSED', 'no'))).toEqual({ status: 1, said: ['otpgate: no'] })
  })

  test('of ours that nobody foresaw is a failure, and called internal', () => {
    const { status, said } = report(new TypeError('x is not a function'))
    expect(status).toBe(EXIT.refused)
    expect(said[0]).toBe('otpgate: internal error: TypeError: x is not a function')
  })

  test('never reaches the terminal with control characters', () => {
    const nasty = 'a\x1b[31m\nb\u009bc'
    const { said } = report(new AppError('ERR_USAGE', nasty, { hint: nasty }))
    expect(said.join('\n')).toMatch(/^[ -~]+\n[ -~]+$/)
    expect(report(new Error(nasty)).said.join('\n')).toMatch(/^[ -~]+\n[ -~]+$/)
  })
})
