import { FRESH_THROTTLE } from '../../../src/domain/throttle.ts'
import { testAilments } from '../ailment.ts'

const LOCKED = { ...FRESH_THROTTLE, consecutiveFailures: 100 }

testAilments('locked accounts', [
  {
    title: 'a locked account',
    breakIt: (host) => host.change({ kind: 'set-throttle', budget: 'code', throttle: LOCKED }),
    healIt: (host) =>
      host.change({ kind: 'set-throttle', budget: 'code', throttle: FRESH_THROTTLE }),
    severity: 'warning',
    says: '1 account locked: alice',
  },
])
