import { dirname } from 'node:path'
import type { Passwd, Register } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import type { AccountName } from '../domain/name.ts'
import { isClockSynchronized } from '../host/clock-source.ts'
import { findDiskRoom } from '../host/disk-room.ts'
import { listPeople, type Person } from '../host/login-person.ts'
import { type PamFile, readPamFiles } from '../host/pam-file.ts'
import { isThere } from '../host/path.ts'
import { findChangeable, findProgramFlaw } from '../host/program-file.ts'
import { askSshd } from '../host/sshd-answer.ts'
import { readSshdLines } from '../host/sshd-config-file.ts'
import type { AccountFacts, DoctorFacts, ExaminedLogin, HostPlaces, StoreFacts } from './facts.ts'
import { findFileFlaws } from './file-flaw.ts'
import { findVerifierCall, parsePamLines } from './pam-line.ts'

const PAGE = 500
const ROOT = 'root'

/** What is asked about a host. */
export interface DoctorRequest {
  readonly places: HostPlaces
  readonly login: ExaminedLogin
  /** Absolute. */
  readonly configPath: string
  readonly config: Config | AppError
  readonly register: Register | AppError
  readonly passwd: Passwd
  readonly now: UnixSeconds
}

/** Looks at everything once; nothing is changed. Throws ERR_PASSWD_FAILED. */
export async function gatherFacts(request: DoctorRequest): Promise<DoctorFacts> {
  const { places, login, config, now } = request
  const sshd = { program: places.sshd, config: places.sshdConfig }
  const pamFiles = readPamFiles(places.pamDirectories)
  const people = tryListPeople(places.getent)
  const verifierPaths = findVerifierPaths(pamFiles)
  return {
    now,
    places,
    login,
    config,
    store: await tryReadStore(request, people ?? []),
    sshd: askSshd(sshd, login),
    sshdForRoot: askSshd(sshd, { ...login, user: ROOT }),
    sshdLines: readSshdLines(places.sshdConfig),
    pamFiles,
    verifierPaths,
    verifierFlaws: findVerifierFlaws(verifierPaths),
    fileFlaws: findFlawsOf(request),
    changeable: findChangeable(places.programRoot),
    people,
    disk: config instanceof AppError ? undefined : findDiskRoom(dirname(config.store.path)),
    hasLogSocket: isThere(places.logSocket),
    isClockSynchronized: isClockSynchronized(places.timedatectl),
  }
}

function findFlawsOf({ passwd, configPath, config }: DoctorRequest) {
  const hasConfigFile = isThere(configPath)
  const known = config instanceof AppError ? undefined : config
  return findFileFlaws(passwd, { configPath, hasConfigFile, config: known })
}

/** A database that opens, and cannot be read to its end, is broken all the same. */
async function tryReadStore(
  { register, passwd }: DoctorRequest,
  people: readonly Person[],
): Promise<StoreFacts> {
  if (register instanceof AppError) return { kind: 'failed', error: register }
  try {
    return await readStore(register, passwd, people)
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error }
    throw error
  }
}

async function readStore(
  register: Register,
  passwd: Passwd,
  people: readonly Person[],
): Promise<StoreFacts> {
  const uids = new Map(people.map(({ name, uid }) => [name, uid]))
  const accounts: AccountFacts[] = []
  let rootName: AccountName | undefined
  let after: AccountName | undefined
  do {
    const page = await register.page(after, PAGE)
    for (const summary of page) {
      const { name } = summary.account
      if (name === ROOT) rootName = name
      // A directory may not enumerate its people: those are asked for by name.
      const uidNow: number | undefined = uids.get(name) ?? passwd.findByName(name)?.uid
      accounts.push({ ...summary, uidNow })
    }
    after = page.at(-1)?.account.name
  } while (after !== undefined)
  const root = rootName === undefined ? undefined : await register.find(rootName)
  return { kind: 'open', accounts, rootDevices: root?.kind === 'known' ? root.devices : [] }
}

function findVerifierPaths(files: readonly PamFile[]): readonly string[] {
  const calls = files
    .flatMap(({ path, text }) => parsePamLines(path, text))
    .map((line) => (line.type === '@include' ? undefined : findVerifierCall(line)?.path))
  return [...new Set(calls.filter((path) => path !== undefined))]
}

function findVerifierFlaws(paths: readonly string[]): ReadonlyMap<string, string> {
  const flaws = new Map<string, string>()
  for (const path of paths) {
    const flaw = findProgramFlaw(path)
    if (flaw !== undefined) flaws.set(path, flaw)
  }
  return flaws
}

function tryListPeople(getent: string): readonly Person[] | undefined {
  try {
    return listPeople(getent)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
