import { expect, test } from 'vitest'
import { renderGroupedKey } from '../../src/render/grouped-key.ts'

test('shows a key in groups of four', () => {
  expect(renderGroupedKey('GEZDGNBVGY3TQOJQ')).toBe('GEZD GNBV GY3T QOJQ')
})

test('shows the rest of a key as a shorter group', () => {
  expect(renderGroupedKey('GEZDGNBVGY')).toBe('GEZD GNBV GY')
})
