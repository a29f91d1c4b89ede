import { expect, test } from 'vitest'
import { isOutsideGroup } from '../../src/app/is-outside-group.ts'
import { createTestPorts } from '../support/app-fixture.ts'

const GROUP = 'otpgate'

test.each([
  { who: 'somebody who is not in it', joined: [], missing: [], outside: true },
  { who: 'a member', joined: [GROUP], missing: [], outside: false },
  { who: 'anybody, where there is no such group,', joined: [], missing: [GROUP], outside: false },
])('$who is outside a group: $outside', ({ joined, missing, outside }) => {
  const passwd = { ...createTestPorts().passwd, findGroups: () => ({ joined, missing }) }
  expect(isOutsideGroup(passwd, 'alice', GROUP)).toBe(outside)
})

test('somebody whom the host does not know is no outsider', () => {
  const passwd = { ...createTestPorts().passwd, findGroups: () => ({ joined: [], missing: [] }) }
  expect(isOutsideGroup(passwd, 'mallory', GROUP)).toBe(false)
})
