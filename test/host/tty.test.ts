import { describe, expect, test } from 'vitest'
import { describeTerminal } from '../../src/host/tty.ts'

const SCREEN = { isTTY: true, columns: 132, rows: 50 }

describe('a terminal', () => {
  test('has its size and colours', () => {
    expect(describeTerminal(SCREEN, { TERM: 'xterm' })).toEqual({
      isTerminal: true,
      columns: 132,
      rows: 50,
      allowsColour: true,
    })
  })

  test.each([
    { why: 'NO_COLOR is set', environment: { TERM: 'xterm', NO_COLOR: '1' } },
    { why: 'it is dumb', environment: { TERM: 'dumb' } },
    { why: 'its kind is empty', environment: { TERM: '' } },
    { why: 'its kind is unknown', environment: {} },
  ])('has no colours where $why', ({ environment }) => {
    expect(describeTerminal(SCREEN, environment).allowsColour).toBe(false)
  })

  test('keeps its colours where NO_COLOR is empty', () => {
    expect(describeTerminal(SCREEN, { TERM: 'xterm', NO_COLOR: '' }).allowsColour).toBe(true)
  })

  test('of unknown size is as wide as COLUMNS says, else 80 by 24', () => {
    const serial = { isTTY: true, columns: 0, rows: 0 }
    expect(describeTerminal(serial, { COLUMNS: '100' })).toMatchObject({ columns: 100, rows: 24 })
    expect(describeTerminal(serial, { COLUMNS: '-5' })).toMatchObject({ columns: 80, rows: 24 })
    expect(describeTerminal(serial, {})).toMatchObject({ columns: 80, rows: 24 })
  })
})

test('a pipe has no colours', () => {
  expect(describeTerminal({}, { TERM: 'xterm' })).toEqual({
    isTerminal: false,
    columns: 80,
    rows: 24,
    allowsColour: false,
  })
})
