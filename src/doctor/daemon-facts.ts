import { join } from 'node:path'
import type { Passwd } from '../app/ports.ts'
import type { Config } from '../config/config.ts'
import { probeDaemon } from '../host/daemon-probe.ts'
import { trustedOwners } from '../host/file-mode.ts'
import { changedAt } from '../host/path.ts'
import { findCredential, isSocketEnabled, readServiceState } from '../host/service-unit.ts'
import { findSocketFlaw } from '../host/socket-flaw.ts'
import type { DaemonFacts, HostPlaces } from './facts.ts'

/** The units of systemd/, and the name of the key in them. */
const SOCKET_UNIT = 'otpgated.socket'
const SERVICE_UNIT = 'otpgated.service'
const CREDENTIAL = 'master.key'

/** Looks at the daemon and what systemd says of it; asks it as a login would, which decides nothing. */
export async function readDaemonFacts(
  { daemonSocket, unitDirectories, systemctl, programRoot }: HostPlaces,
  { store, daemon }: Config,
  passwd: Passwd,
): Promise<DaemonFacts> {
  const service = passwd.findByName(daemon.user)
  const owners = trustedOwners(...(service === undefined ? [] : [service.uid]))
  return {
    isSwitchedOn: isSocketEnabled(unitDirectories, SOCKET_UNIT),
    state: await probeDaemon(daemonSocket),
    socketFlaw: findSocketFlaw(daemonSocket, owners),
    hasUser: service !== undefined,
    credential: findCredential(unitDirectories, SERVICE_UNIT, CREDENTIAL),
    service: readServiceState(systemctl, SERVICE_UNIT),
    programChangedAt: changedAt(join(programRoot, 'dist/otpgated.cjs')),
    keyChangedAt: changedAt(store.keyFile),
  }
}
