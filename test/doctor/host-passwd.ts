import type { Passwd, PasswdEntry } from '../../src/app/ports.ts'
import { ALICE, toAccountName, toUid } from '../support/account-fixture.ts'
import { ALICE_ENTRY } from '../support/app-fixture.ts'

/** The user of the daemon. */
function findOther(name: string): PasswdEntry | undefined {
  // Every host has this one, and the same uid of it.
  if (name === 'daemon') return { name: toAccountName(name), uid: toUid(1) }
  return name === 'otpgate' ? { name: toAccountName(name), uid: toUid(993) } : undefined
}

/** Alice is in every group, and nobody else in any. */
export const HOST_PASSWD: Passwd = {
  findByName: (name) => (name === ALICE ? ALICE_ENTRY : findOther(name)),
  findGroupMembers: () => undefined,
  findGroups: ({ name }, among) => ({ joined: name === ALICE ? among : [], missing: [] }),
}
