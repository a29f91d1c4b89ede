import { resolve } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../base/errors.ts'
import { parseIpAddress } from '../../base/ip-network.ts'
import { plural } from '../../base/text.ts'
import { type CheckReport, examineHost, type Verdict } from '../../doctor/examine.ts'
import type { ExaminedLogin, HostPlaces } from '../../doctor/facts.ts'
import { SEVERITIES } from '../../doctor/finding.ts'
import { gatherFacts } from '../../doctor/gather-facts.ts'
import { now as hostNow } from '../../host/clock.ts'
import { DAEMON_SOCKET } from '../../host/daemon-probe.ts'
import { isRoot } from '../../host/effective-user.ts'
import { PAM_DIRECTORIES } from '../../host/pam-service-file.ts'
import { createPasswd } from '../../host/passwd.ts'
import { UNIT_DIRECTORIES } from '../../host/service-unit.ts'
import { findVerifier } from '../../setup/program-file.ts'
import { type Config, DEFAULT_CONFIG_PATH, loadConfig, PROGRAM_ROOT } from '../../wire.ts'
import type { Cli, CommonOptions, Session } from '../context.ts'
import { countFindings, printCheck, toDoctorView } from '../doctor-report.ts'
import { EXIT } from '../exit-codes.ts'
import { asAdmin } from '../open-session.ts'
import { takeBacklog } from '../overview.ts'
import { printJson } from '../report.ts'
import { readSshSetup } from '../setup-facts.ts'
import { HOST_PLACES } from './setup/host-places.ts'

/** Of every host. */
const PLACES: HostPlaces = {
  sshd: '/usr/sbin/sshd',
  sshdConfig: '/etc/ssh/sshd_config',
  pamDirectories: PAM_DIRECTORIES,
  programRoot: PROGRAM_ROOT,
  verifier: findVerifier(PROGRAM_ROOT),
  usualConfig: DEFAULT_CONFIG_PATH,
  getent: '/usr/bin/getent',
  logSocket: '/dev/log',
  timedatectl: '/usr/bin/timedatectl',
  systemctl: '/usr/bin/systemctl',
  unitDirectories: UNIT_DIRECTORIES,
  daemonSocket: DAEMON_SOCKET,
  setupState: HOST_PLACES.stateDirectory,
  proc: '/proc',
}
/** Stands for anybody: no Match block means this user, or an address of documentation (RFC 5737). */
const ANY_USER = 'nobody'
const ANY_ADDRESS = '192.0.2.1'

interface DoctorOptions extends CommonOptions {
  readonly strict?: true
  readonly from: string
  readonly service: string
}

/** `otpgate doctor`, on the places of this host unless others are given. */
export function doctorCommand(cli: Cli, places: HostPlaces = PLACES, isRootHere = isRoot): Command {
  return new Command('doctor')
    .description(
      'what is wrong on this host, why it matters, what to type: exit status 9 for a problem',
    )
    .argument('[user]', 'whose login is examined', ANY_USER)
    .option('--from <address>', 'from this IP address', ANY_ADDRESS)
    .option('--service <name>', 'by this PAM service', 'sshd')
    .option('--strict', 'exit status 9 for a warning as well')
    .action((user: string, _: unknown, command: Command) => {
      assertRoot(isRootHere())
      return doctor(cli, places, user, command.optsWithGlobals())
    })
}

async function doctor(
  cli: Cli,
  places: HostPlaces,
  user: string,
  options: DoctorOptions,
): Promise<void> {
  const login = toLogin(user, options)
  const reports = await examine(cli, places, login, options)
  const bad: readonly Verdict[] = options.strict ? ['problem', 'warning'] : ['problem']
  if (reports.some(({ verdict }) => bad.includes(verdict))) cli.setStatus(EXIT.problems)
  if (options.json) return printJson(cli, toDoctorView(login, reports))
  for (const report of reports) printCheck(cli, report)
  const counts = SEVERITIES.map((severity) => plural(countFindings(reports, severity), severity))
  cli.talk(counts.join(', '))
}

/** sshd gives its settings to nobody else: what was said of the host would not be so. */
function assertRoot(isPermitted: boolean): void {
  if (isPermitted) return
  throw new AppError('ERR_NOT_PERMITTED', 'this is for root only', { hint: 'run it with sudo' })
}

/** What may be put into `sshd -T -C`, which takes its fields apart at commas. */
function toLogin(user: string, { from, service }: DoctorOptions): ExaminedLogin {
  if (parseIpAddress(from) === undefined) {
    throw new AppError('ERR_USAGE', '--from is not an IP address', {
      hint: 'names are never resolved',
    })
  }
  if (!/^[^\s,=\0-]/.test(user) || /[\s,=\0]/.test(user)) {
    throw new AppError('ERR_USAGE', 'this cannot be the name of a user')
  }
  return { user, address: from, service: service.toLowerCase() }
}

/** What cannot be opened is a finding here, not the end. */
async function examine(
  cli: Cli,
  places: HostPlaces,
  login: ExaminedLogin,
  { config: path }: DoctorOptions,
): Promise<readonly CheckReport[]> {
  const session = orError(() => cli.openSession(path))
  try {
    const config = session instanceof AppError ? orError(() => readConfig(path)) : session.config
    const facts = await gatherFacts({
      places,
      login,
      configPath: resolve(path),
      config,
      ports: session instanceof AppError ? session : session.ports,
      ...clockAndPasswd(session),
      sshSetup: readSshSetup(places.setupState),
      backlog: await findBacklog(session),
    })
    return examineHost(facts)
  } finally {
    if (!(session instanceof AppError)) session.ports.close()
  }
}

/** A log that cannot be read to its end is for other checks to complain about. */
async function findBacklog(session: Session | AppError) {
  if (session instanceof AppError) return undefined
  try {
    return await takeBacklog(session.config)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function clockAndPasswd(session: Session | AppError) {
  if (session instanceof AppError) return { passwd: createPasswd(), now: hostNow() }
  return { passwd: session.ports.passwd, now: session.ports.now() }
}

function readConfig(path: string): Config {
  return asAdmin(() => loadConfig(path))
}

/** Whoever forgot sudo is told so: nothing could be said about the host. */
function orError<T>(act: () => T): T | AppError {
  try {
    return act()
  } catch (error) {
    if (error instanceof AppError && error.code !== 'ERR_NOT_PERMITTED') return error
    throw error
  }
}
