import type { UnixSeconds } from '../../base/time.ts'
import type { Config } from '../../config/config.ts'
import type { DaemonFacts, DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'

/** Whether the daemon, where there is one, answers, and is of this program and key. */
export const daemonCheck: Check = { name: 'daemon', judge }

const SLOWER = 'logins are judged all the same, by a verifier of their own, and slower'
const RESTART = 'systemctl restart otpgated'

function judge({ daemon, config, places }: DoctorFacts): Diagnosis {
  if (daemon === undefined || config instanceof Error) {
    return notApplicable('the configuration cannot be read')
  }
  if (!daemon.isSwitchedOn && daemon.state === 'absent') {
    return notApplicable('it is not switched on')
  }
  return examined(
    ...socketFindings(daemon, places.daemonSocket),
    ...unitFindings(daemon, config),
    ...serviceFindings(daemon),
  )
}

function socketFindings({ state, socketFlaw }: DaemonFacts, path: string): readonly Finding[] {
  const flaw: Finding = {
    severity: 'problem',
    what: `the socket of the daemon is not as it should be: ${socketFlaw}`,
    why: 'whoever listens there decides about logins; whoever can ask there can guess codes',
    fix: `namei -l ${path}; systemctl restart otpgated.socket otpgated`,
  }
  const absent: Finding = {
    severity: 'warning',
    what: `otpgated.socket is switched on, and there is no ${path}`,
    why: SLOWER,
    fix: 'systemctl restart otpgated.socket; systemctl status otpgated.socket',
  }
  const silent: Finding = {
    severity: 'warning',
    what: `nothing that is our daemon answers at ${path}`,
    why: `each login waits 2 s for it; ${SLOWER}`,
    fix: `${RESTART}; journalctl -u otpgated -n 20`,
  }
  return [
    ...(socketFlaw === undefined ? [] : [flaw]),
    ...(state === 'absent' ? [absent] : []),
    ...(state === 'silent' ? [silent] : []),
  ]
}

function unitFindings(
  { hasUser, isSwitchedOn, credential }: DaemonFacts,
  { daemon, store }: Config,
): readonly Finding[] {
  const noUser: Finding = {
    severity: 'problem',
    what: `there is no user "${daemon.user}", whom [daemon] user names`,
    why: 'the daemon cannot start, and nobody can tell whether its files are its own',
    fix: 'systemd-sysusers; systemctl restart otpgated.socket otpgated',
  }
  const otherKey: Finding = {
    severity: 'problem',
    what: `the daemon takes its key from ${credential}, and [store] key_file is ${store.keyFile}`,
    why: 'one of the two opens nothing: see what the daemon says of itself',
    fix: `systemctl edit otpgated  # [Service] LoadCredential=master.key:${store.keyFile}`,
  }
  const isOtherKey = credential !== undefined && credential !== store.keyFile
  return [...(hasUser || !isSwitchedOn ? [] : [noUser]), ...(isOtherKey ? [otherKey] : [])]
}

function serviceFindings(daemon: DaemonFacts): readonly Finding[] {
  const { service, programChangedAt, keyChangedAt } = daemon
  if (service === undefined) return []
  const { status, startedAt } = service
  const trouble = /^(?:cannot judge|old configuration): /.test(status)
  return [
    ...(trouble ? [troubled(status)] : []),
    ...outdated('the program', startedAt, programChangedAt),
    ...outdated('the key', startedAt, keyChangedAt),
  ]
}

/** What is wrong comes first in what it says of itself (daemon/health.ts). */
function troubled(status: string): Finding {
  return {
    severity: 'warning',
    what: `the daemon says: ${status}`,
    why: SLOWER,
    fix: 'otpgate config check; otpgate key check; systemctl reload otpgated',
  }
}

function outdated(
  what: string,
  startedAt: UnixSeconds | undefined,
  changedAt: UnixSeconds | undefined,
): readonly Finding[] {
  if (startedAt === undefined || changedAt === undefined || changedAt <= startedAt) return []
  return [
    {
      severity: 'warning',
      what: `the daemon has been running since before ${what} was last changed`,
      why: 'it reads both when it starts: until then it judges by the old one',
      fix: RESTART,
    },
  ]
}
