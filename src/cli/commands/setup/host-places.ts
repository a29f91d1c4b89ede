import { join } from 'node:path'
import { isThere } from '../../../host/path.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { PROGRAM_ROOT } from '../../../wire.ts'

/** Of every host that set-up knows: Debian's, and what is made like it. */
export const HOST_PLACES: SetupPlaces = {
  sshd: '/usr/sbin/sshd',
  sshdConfig: '/etc/ssh/sshd_config',
  dropInDirectory: '/etc/ssh/sshd_config.d',
  pamDirectory: '/etc/pam.d',
  pamService: 'sshd',
  stateDirectory: '/var/lib/otpgate-setup',
  unitDirectory: '/etc/systemd/system',
  systemctl: '/usr/bin/systemctl',
  systemdMark: '/run/systemd/system',
  getent: '/usr/bin/getent',
  procDirectory: '/proc',
  programRoot: PROGRAM_ROOT,
  otpgate: findProgram(PROGRAM_ROOT),
}

/** In a checkout bin/otpgate; installed below PREFIX/lib it is PREFIX/bin/otpgate. */
function findProgram(root: string): string {
  const own = join(root, 'bin', 'otpgate')
  return isThere(own) ? own : join(root, '..', '..', 'bin', 'otpgate')
}
