import { describe, expect, test } from 'vitest'
import type { AccountSummary } from '../../../src/app/ports.ts'
import { addSeconds } from '../../../src/base/time.ts'
import type { Override } from '../../../src/domain/override.ts'
import { type CoverageRequest, findUncovered } from '../../../src/setup/ssh/uncovered-people.ts'
import { buildAccount, buildDevice, NOW, toAccountName } from '../../support/account-fixture.ts'

const person = (name: string, uid = 1000, hasShell = true) => ({ name, uid, hasShell })

function summary(name: string, override?: Override, devices = [buildDevice()]): AccountSummary {
  const account = buildAccount({ name: toAccountName(name), override })
  return { account, devices, recoveryCodesLeft: 0 }
}

const registerOf = (all: readonly AccountSummary[]) => ({
  page: async (after: string | undefined) => (after === undefined ? all : []),
})

const REQUEST: CoverageRequest = {
  people: [
    person('alice'),
    person('bob'),
    person('carol'),
    person('dave'),
    person('root', 0),
    person('www', 33, false),
  ],
  members: undefined,
  isRootAsked: false,
  unenrolled: 'deny',
  now: NOW,
}

const TERM = { since: NOW, until: addSeconds(NOW, 60) }
const INVITED = { kind: 'invited', reason: undefined, needsCode: false, ...TERM } as const

describe('findUncovered', () => {
  const registered = registerOf([
    summary('alice'),
    summary('bob', INVITED, []),
    summary('carol', undefined, [buildDevice({ confirmedAt: undefined })]),
  ])

  test('counts people with a shell, and names those without a device or an invitation', async () => {
    expect(await findUncovered(registered, REQUEST)).toEqual({
      people: 4,
      uncovered: ['carol', 'dave'],
    })
  })

  test('takes an invitation that is over for none', async () => {
    const later = { ...REQUEST, now: TERM.until }
    expect((await findUncovered(registered, later)).uncovered).toEqual(['bob', 'carol', 'dave'])
  })

  test('counts root only where sshd would ask root at all', async () => {
    const { people, uncovered } = await findUncovered(registered, { ...REQUEST, isRootAsked: true })
    expect(people).toBe(5)
    expect(uncovered).toContain('root')
  })

  test('looks at the members of a group alone, where it is for a group', async () => {
    const members = ['alice', 'dave', 'www']
    expect(await findUncovered(registered, { ...REQUEST, members })).toEqual({
      people: 2,
      uncovered: ['dave'],
    })
  })

  test('lets people be whom otpgate never knew, where the policy lets them in', async () => {
    const open = { ...REQUEST, unenrolled: 'allow' } as const
    expect((await findUncovered(registered, open)).uncovered).toEqual(['carol'])
  })

  test('leaves out who is suspended on purpose', async () => {
    const suspended = registerOf([summary('dave', { kind: 'suspended', reason: undefined }, [])])
    expect((await findUncovered(suspended, REQUEST)).uncovered).not.toContain('dave')
  })
})
