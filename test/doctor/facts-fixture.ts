import { parseConfig } from '../../src/config/parse-config.ts'
import type { DoctorFacts } from '../../src/doctor/facts.ts'
import { NOW } from '../support/account-fixture.ts'

const ABSENT = { kind: 'absent' } as const

/** A host on which nothing is, and of which nothing is known but `fields`. */
export function buildFacts(fields: Partial<DoctorFacts>): DoctorFacts {
  return {
    now: NOW,
    places: {
      sshd: '',
      sshdConfig: '',
      pamDirectories: [],
      programRoot: '',
      verifier: '',
      usualConfig: '',
      getent: '',
      logSocket: '',
      timedatectl: '',
      systemctl: '',
      unitDirectories: [],
      setupState: '',
      daemonSocket: '/run/otpgate/otpgated.sock',
      proc: '',
    },
    login: { user: 'nobody', address: '192.0.2.1', service: 'sshd' },
    config: parseConfig('', 'otpgate.toml'),
    store: {
      kind: 'open',
      accounts: [],
      devices: [],
      secrets: { secrets: 0, unopened: [] },
      auditEnd: { rows: 0, problem: undefined },
    },
    sshd: ABSENT,
    sshdForRoot: ABSENT,
    codeGroups: [],
    descriptorLimit: undefined,
    sshdLines: [],
    pamFiles: [],
    verifierPaths: [],
    verifierFlaws: new Map(),
    foreignVerifiers: [],
    strayCalls: [],
    configPath: '/etc/otpgate/otpgate.toml',
    fileFlaws: [],
    changeable: [],
    people: [],
    disk: undefined,
    hasLogSocket: true,
    isClockSynchronized: true,
    daemon: undefined,
    keyNeighbours: { next: undefined, old: [] },
    sshSetup: { kind: 'none' },
    notices: undefined,
    unfinished: [],
    ...fields,
  }
}
