import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseVerifierWords } from '../../src/doctor/verifier-call.ts'
import { parseArguments } from '../../src/pam/arguments.ts'

const USUAL = '/etc/otpgate/otpgate.toml'

const word = fc.constantFrom(
  '--excused',
  '--account',
  '--password-and-code',
  '--first-factor-missing',
  '--outside-group',
  '--config',
  '--socket',
  '--attempt',
  '--time-left',
  '--nonsense',
  '',
  '/etc/other.toml',
  'wheel',
  '1500',
  'a'.repeat(32),
)

function byVerifier(words: readonly string[]) {
  try {
    const { mode, configPath, group } = parseArguments(words, USUAL)
    return { mode, configPath, group }
  } catch {
    return { mode: 'none', configPath: USUAL, group: undefined }
  }
}

test('reads the words behind the path of the verifier as the verifier does', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const { configPath = USUAL, ...read } = parseVerifierWords(words)
      expect({ ...read, configPath }).toEqual(byVerifier(words))
    }),
    { numRuns: 2000 },
  )
})
