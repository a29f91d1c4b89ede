import { dirname } from 'node:path'
import type { Passwd } from '../app/ports.ts'
import { AppError, ifPossible } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import { isClockSynchronized } from '../host/clock-source.ts'
import { findDescriptorLimit } from '../host/descriptor-limit.ts'
import { findDiskRoom } from '../host/disk-room.ts'
import { findKeyNeighbours } from '../host/key-neighbour.ts'
import { listPeople } from '../host/login-person.ts'
import { type PamFile, readPamFiles } from '../host/pam-file.ts'
import { isThere } from '../host/path.ts'
import { findChangeable } from '../host/program-file.ts'
import { readServiceState } from '../host/service-unit.ts'
import { askSshd, type SshdAnswer } from '../host/sshd-answer.ts'
import { readSshdLines, type SshdLine } from '../host/sshd-config-file.ts'
import { findUnfinished } from '../host/unfinished.ts'
import { readDaemonFacts } from './daemon-facts.ts'
import type { DoctorFacts, ExaminedLogin, HostPlaces, NoticeFacts, SshSetup } from './facts.ts'
import { findFileFlaws } from './file-flaw.ts'
import { parsePamLines } from './pam-line.ts'
import { type DoctorPorts, readStoreFacts } from './store-facts.ts'
import { findVerifierCall } from './verifier-call.ts'
import { readVerifierFacts } from './verifier-facts.ts'

const ROOT = 'root'
const SSH_PORT = 22
const NOTIFY_UNIT = 'otpgate-notify.service'

/** What is asked about a host. */
export interface DoctorRequest {
  readonly places: HostPlaces
  readonly login: ExaminedLogin
  /** Absolute. */
  readonly configPath: string
  readonly config: Config | AppError
  readonly ports: DoctorPorts | AppError
  readonly passwd: Passwd
  readonly now: UnixSeconds
  readonly sshSetup: SshSetup
  /** What the [notify] command was not told; `undefined`: it was never told anything. */
  readonly backlog: NoticeFacts['backlog']
}

/** Looks at everything once; nothing is changed. Throws ERR_PASSWD_FAILED. */
export async function gatherFacts(request: DoctorRequest): Promise<DoctorFacts> {
  const { places, login, passwd, now } = request
  const config = request.config instanceof AppError ? undefined : request.config
  const pamFiles = readPamFiles(places.pamDirectories)
  const people = ifPossible(() => listPeople(places.getent))
  return {
    now,
    places,
    login,
    config: request.config,
    store: await readStoreFacts(request.ports, passwd, people ?? []),
    ...lookAtSshd(places, login),
    codeGroups: findCodeGroups(passwd, login.user, pamFiles),
    pamFiles,
    ...readVerifierFacts(pamFiles, places, request.configPath),
    configPath: request.configPath,
    fileFlaws: findFlawsOf(request),
    changeable: findChangeable(places.programRoot),
    people,
    disk: config && findDiskRoom(dirname(config.store.path)),
    hasLogSocket: isThere(places.logSocket),
    isClockSynchronized: isClockSynchronized(places.timedatectl),
    daemon: config && (await readDaemonFacts(places, config, passwd)),
    keyNeighbours: config && findKeyNeighbours(config.store.keyFile),
    sshSetup: request.sshSetup,
    notices: findNotices(request),
    unfinished:
      config === undefined
        ? []
        : findUnfinished(config.store.path, config.store.keyFile, request.configPath),
  }
}

function lookAtSshd({ sshd: program, sshdConfig: config, proc }: HostPlaces, login: ExaminedLogin) {
  const sshdLines = readSshdLines(config)
  const localPort = Number(findPort(sshdLines) ?? SSH_PORT)
  const sshd = askSshd({ program, config }, { ...login, localPort })
  return {
    sshdLines,
    sshd,
    sshdForRoot: askSshd({ program, config }, { ...login, localPort, user: ROOT }),
    descriptorLimit: findDescriptorLimit(pidFileOf(sshd), proc),
  }
}

function findPort(lines: readonly SshdLine[]): string | undefined {
  return lines.find(({ keyword, value }) => keyword === 'port' && /^\d+$/.test(value))?.value
}

function pidFileOf(sshd: SshdAnswer): string {
  return (sshd.kind === 'settings' ? sshd.values.get('pidfile')?.[0] : undefined) ?? 'none'
}

/** Where nobody of this name is known, they are in no group. */
function findCodeGroups(
  passwd: Passwd,
  user: string,
  files: readonly PamFile[],
): readonly string[] {
  const groups = files
    .flatMap(({ path, text }) => parsePamLines(path, text))
    .map((line) => findVerifierCall(line)?.group)
    .filter((group) => group !== undefined)
  const entry = groups.length === 0 ? undefined : passwd.findByName(user)
  return entry === undefined ? [] : passwd.findGroups(entry, [...new Set(groups)]).joined
}

function findNotices({ config, ports, places, backlog }: DoctorRequest): DoctorFacts['notices'] {
  if (config instanceof AppError || config.notify.command.length === 0) return undefined
  if (ports instanceof AppError) return 'unknown'
  return { isRunning: readServiceState(places.systemctl, NOTIFY_UNIT) !== undefined, backlog }
}

function findFlawsOf({ passwd, configPath, config }: DoctorRequest) {
  const hasConfigFile = isThere(configPath)
  const known = config instanceof AppError ? undefined : config
  return findFileFlaws(passwd, { configPath, hasConfigFile, config: known })
}
