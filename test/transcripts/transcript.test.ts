import { describe, expect, test } from 'vitest'
import { mask } from './mask.ts'
import { parseTranscript, renderExchange } from './transcript.ts'

const TEXT = `# Why.
$ otpgate confirm $ALICE
< 123456
! not right
= 1
`

describe('a transcript', () => {
  test('is written as it was read where nothing has changed', () => {
    const [exchange] = parseTranscript(TEXT).exchanges
    if (exchange === undefined) throw new Error('nothing was read')
    const seen = { stdout: '', stderr: 'not right\n', status: 1 }
    expect(renderExchange(exchange, seen)).toBe(TEXT)
    expect(renderExchange(exchange, { ...seen, status: 0 })).not.toBe(TEXT)
    expect(renderExchange(exchange, { ...seen, stderr: 'not right' })).not.toBe(TEXT)
  })

  test('with a line that has no sign is refused, or a test would pass over it', () => {
    expect(() => parseTranscript('otpgate list\n')).toThrow('otpgate list')
    expect(() => parseTranscript('$ otpgate list\n<no blank\n')).toThrow('<no blank')
  })
})

describe('the mask', () => {
  test('hides what differs from run to run, and nothing that it could be taken for', () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
    const text = `alice uid 1003 2026-11-22T00:53:05Z ${secret} W5NV-6KCS-G4J8-72Q6 123456`
    expect(mask(text, [{ text: 'alice', name: '$ALICE' }])).toBe(
      '$ALICE uid N TIME SECRET RECOVERY-CODE 123456',
    )
    expect(mask('2026-11-22 ERR_USER_UNKNOWN', [])).toBe('2026-11-22 ERR_USER_UNKNOWN')
    expect(mask('6 digits, 30s, clock -7s  yes', [])).toBe('6 digits, 30s  yes')
    expect(mask('30s, clock +7s "drift":-70', [])).toBe('30s, clock +7s "drift":-70')
  })
})
