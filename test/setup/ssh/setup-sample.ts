import type { SetupJournal } from '../../../src/setup/ssh/journal.ts'
import type { SetupPlaces } from '../../../src/setup/ssh/places.ts'
import { NOW } from '../../support/account-fixture.ts'
import type { ScratchPath } from '../../support/scratch-directory.ts'

/** A tree of its own, with this machine's sshd and proc. */
export function placesIn(scratch: ScratchPath): SetupPlaces {
  return {
    sshd: '/usr/sbin/sshd',
    sshdConfig: scratch('ssh/sshd_config'),
    dropInDirectory: scratch('ssh/sshd_config.d'),
    pamDirectory: scratch('pam.d'),
    pamService: 'sshd',
    stateDirectory: scratch('state'),
    unitDirectory: scratch('unit'),
    systemctl: scratch('systemctl'),
    systemdMark: scratch('no-systemd'),
    getent: '/usr/bin/getent',
    procDirectory: '/proc',
    programRoot: scratch('program'),
    otpgate: '/bin/true',
  }
}

/** A set-up of one file in place, which waits for its proof. */
export function buildJournal(changes: Partial<SetupJournal> = {}): SetupJournal {
  const state = { sha256: 'a'.repeat(64), mode: 0o644, uid: 0, gid: 0 }
  return {
    format: 1,
    phase: 'awaiting-proof',
    recipe: 'key+code',
    group: undefined,
    account: 'alice',
    configPath: '/etc/otpgate/otpgate.toml',
    beganAt: NOW,
    timeoutSeconds: 300,
    installer: { pid: 4, startTicks: 5, bootId: 'boot' },
    sshdUnit: 'ssh.service',
    files: [
      {
        role: 'service',
        path: '/etc/pam.d/sshd',
        original: state,
        copy: 'service-1.original',
        installed: { ...state, sha256: 'b'.repeat(64) },
      },
    ],
    reloadedAt: NOW,
    deadline: { at: NOW, bootId: 'boot', bootSeconds: 1000 },
    proof: { afterSeq: 7, openConnections: [{ pid: 1, startTicks: 2 }] },
    because: undefined,
    endedAt: undefined,
    ...changes,
  }
}
