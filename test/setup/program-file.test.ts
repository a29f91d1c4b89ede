import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findVerifier, verifierArgumentsFor } from '../../src/setup/program-file.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

describe('findVerifier', () => {
  const scratch = useScratchDirectory()

  function lay(name: string): void {
    mkdirSync(scratch(name))
    writeFileSync(scratch(name, 'otpgate-verify'), '')
  }

  test('names the link that stays through an upgrade, where it leads to this version', () => {
    for (const name of ['otpgate-1.0', 'otpgate-2.0']) lay(name)
    symlinkSync('otpgate-2.0', scratch('otpgate'))
    expect(findVerifier(scratch('otpgate-2.0'))).toBe(scratch('otpgate/otpgate-verify'))
    expect(findVerifier(scratch('otpgate-1.0'))).toBe(scratch('otpgate-1.0/otpgate-verify'))
  })

  test('names its own directory where there is no such link, and bin/ in a checkout', () => {
    lay('own')
    expect(findVerifier(scratch('own'))).toBe(scratch('own/otpgate-verify'))
    expect(findVerifier(scratch('checkout'))).toBe(scratch('checkout/bin/otpgate-verify'))
  })
})

describe('verifierArgumentsFor', () => {
  test('are none for the usual configuration, and one word of PAM for another', () => {
    expect(verifierArgumentsFor('/usual', '/usual')).toBe('')
    expect(verifierArgumentsFor('/a/b', '/usual')).toBe(' --config /a/b')
    expect(verifierArgumentsFor('/a b]', '/usual')).toBe(' --config [/a b\\]]')
  })
})
