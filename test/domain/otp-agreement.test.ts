import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUnixSeconds } from '../../src/base/time.ts'
import type { TotpParameters } from '../../src/domain/device.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'

const CASES = 1000

interface Case extends TotpParameters {
  readonly secret: Uint8Array
  readonly time: number
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constant('totp'),
  secret: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  time: fc.oneof(fc.nat(4_000_000_000), fc.nat(20_000_000_000)),
  digits: fc.constantFrom(6, 7, 8),
  algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
  periodSeconds: fc.integer({ min: 15, max: 120 }),
})

function ourCode({ secret, time, ...parameters }: Case): string {
  const step = stepAt(toUnixSeconds(time), parameters.periodSeconds)
  return generateCode(Buffer.from(secret), parameters, step)
}

function toCommand({ secret, time, digits, algorithm, periodSeconds }: Case): string {
  const hex = Buffer.from(secret).toString('hex')
  return `oathtool --totp=${algorithm} -d ${digits} -s ${periodSeconds}s -N @${time} ${hex}`
}

/** One shell for all runs: starting each from here would take several times as long. */
function theirCodes(cases: readonly Case[]): readonly string[] {
  const script = ['set -e', ...cases.map(toCommand)].join('\n')
  return execFileSync('/bin/sh', { input: script, encoding: 'utf8' }).trim().split('\n')
}

test('a code is what oathtool says, whatever the secret, time, digits, hash and period', () => {
  const seed = randomInt(2 ** 31)
  const cases = fc.sample(anyCase, { numRuns: CASES, seed })
  const theirs = theirCodes(cases)
  const differing = cases
    .map((each, index) => ({
      command: toCommand(each),
      ours: ourCode(each),
      theirs: theirs[index],
    }))
    .filter(({ ours, theirs }) => ours !== theirs)
  expect(theirs, `seed ${seed}`).toHaveLength(CASES)
  expect(differing, `seed ${seed}`).toEqual([])
}, 30_000)
