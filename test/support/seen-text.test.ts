import { describe, expect, test } from 'vitest'
import { splitSeenText } from './seen-text.ts'

describe('what a user saw', () => {
  test('is the same from an sshd that sends one block and one that sends each message alone', () => {
    const seen = { prompts: ['Password: '], messages: ['first', 'second'] }
    expect(splitSeenText(['(a@host) first\nsecond\nPassword: '], '')).toEqual(seen)
    expect(splitSeenText(['(a@host) Password: '], 'first\r\nsecond\r\n')).toEqual(seen)
  })

  test("leaves out the client's own remarks", () => {
    const stderr = 'a@h: Permission denied (publickey).\r\nthrottled\r\nConnection closed by h\r\n'
    expect(splitSeenText([], stderr)).toEqual({ prompts: [], messages: ['throttled'] })
  })
})
