import { addSeconds } from '../../../src/base/time.ts'
import type { Override } from '../../../src/domain/override.ts'
import { buildDevice, NOW } from '../../support/account-fixture.ts'
import { testAilments } from '../ailment.ts'

const INVITED: Override = {
  kind: 'invited',
  since: addSeconds(NOW, -2),
  until: addSeconds(NOW, -1),
  needsCode: false,
  reason: undefined,
}

testAilments('invitations', [
  {
    title: 'an invitation that nobody took up',
    breakIt: (host) =>
      host.change(
        { kind: 'remove-device', deviceId: buildDevice().id },
        { kind: 'set-override', override: INVITED },
      ),
    healIt: (host) =>
      host.change(
        { kind: 'set-override', override: undefined },
        { kind: 'add-device', device: buildDevice() },
      ),
    severity: 'warning',
    says: '1 invitation past the date, nobody enrolled: alice',
  },
])
