import { describe, expect, test } from 'vitest'
import type { AccountState } from '../../src/domain/account.ts'
import type { Change } from '../../src/domain/change.ts'
import { CHANGE_SAMPLES, stateAfter } from '../store/contract/change-sample.ts'
import { CAROL, HERS, REFUSALS } from '../store/contract/refusals.ts'
import { ALICE, CREATE } from '../store/sample.ts'
import { errorCodeOf } from './error-code.ts'
import { applyChanges } from './memory-change.ts'

const NOTHING: AccountState = { kind: 'never-known', tickets: [] }
const apply = (changes: readonly Change[]) => applyChanges(NOTHING, ALICE, changes)

/** Only a store that holds everybody can tell, or one that checks numbers. */
const BEYOND_ONE_ACCOUNT = [
  'a device whose id somebody else has',
  'a code whose id somebody else has',
  'a code with less than no uses',
]

describe('the store in memory does as every store', () => {
  test.each(Object.entries(CHANGE_SAMPLES))('%s', (_, sample) => {
    const { given = [CREATE], change } = sample
    expect(apply([...given, change])).toEqual(stateAfter(sample))
  })

  const refusals = REFUSALS.filter(({ what }) => !BEYOND_ONE_ACCOUNT.includes(what))
  test.each(refusals)('and refuses $what', ({ name, change }) => {
    const all = new Map<string, readonly Change[]>([
      [ALICE, HERS],
      [CAROL, [CREATE]],
    ])
    const given = all.get(name) ?? []
    expect(() => apply(given)).not.toThrow()
    expect(errorCodeOf(() => apply([...given, change]))).toBe('ERR_STORE_FAILED')
  })
})
