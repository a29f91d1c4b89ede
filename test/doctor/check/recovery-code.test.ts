import { testAilments } from '../ailment.ts'
import { recoveryCodes } from '../sick-host.ts'

testAilments('recovery codes', [
  {
    title: 'few recovery codes',
    breakIt: (host) =>
      host.change({ kind: 'remove-one-time-codes', of: 'recovery' }, ...recoveryCodes(2)),
    healIt: (host) =>
      host.change({ kind: 'remove-one-time-codes', of: 'recovery' }, ...recoveryCodes(3)),
    severity: 'warning',
    says: 'fewer than 3 recovery codes: alice',
  },
])
