import { isUsable } from '../../domain/device.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'
import { findOrigin } from '../sshd-origin.ts'

const ROOT = 'root'

/** Whether root, who has a device, can log in with it. */
export const rootLoginCheck: Check = { name: 'root over SSH', judge }

/** Short of "yes", sshd refuses root in keyboard-interactive whatever PAM answers (sshd_config(5)). */
function judge({ store, sshdForRoot, sshdLines, places }: DoctorFacts): Diagnosis {
  if (store.kind === 'failed') return notApplicable('the database cannot be opened')
  if (sshdForRoot.kind !== 'settings') return notApplicable('sshd gives no settings')
  const value = sshdForRoot.values.get('permitrootlogin')?.[0] ?? ''
  if (value === 'no') return notApplicable('sshd lets nobody log in as root')
  const hasDevice = store.devices.some(({ owner, device }) => owner === ROOT && isUsable(device))
  if (!hasDevice || value === 'yes') return examined()
  const origin = findOrigin(sshdLines, 'permitrootlogin', value, (each) => each === 'yes')
  return examined({
    severity: 'warning',
    what: `root has a device, but PermitRootLogin is "${value}" (${origin.place})`,
    why: 'sshd refuses every code of root: where AuthenticationMethods asks for one, root cannot log in',
    fix: `editor ${origin.spot ?? places.sshdConfig}  # as in examples/sshd_config.d/10-otpgate-root.conf`,
  })
}
