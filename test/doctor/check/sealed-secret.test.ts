import { toUid } from '../../support/account-fixture.ts'
import { testAilments } from '../ailment.ts'

testAilments('secrets', [
  {
    title: 'a secret that is sealed for another uid',
    // Past otpgate, whose rebind seals anew; the passwd database goes along.
    breakIt: async (host) => {
      await host.change({ kind: 'set-uid', uid: toUid(1001) })
      host.setUidOfAlice(1001)
    },
    healIt: async (host) => {
      await host.change({ kind: 'set-uid', uid: toUid(1000) })
      host.setUidOfAlice(1000)
    },
    severity: 'problem',
    says: '1 of 1 secrets cannot be opened: alice (phone)',
  },
])
