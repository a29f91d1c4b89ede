import { basename, resolve } from 'node:path'
import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import { toStoredName } from '../../../domain/name.ts'
import { findLoginEntry } from '../../../host/login-entry.ts'
import { listPeople } from '../../../host/login-person.ts'
import { ensurePrivilegeSeparation } from '../../../host/privilege-separation.ts'
import { findProgramFlaw } from '../../../host/program-file.ts'
import { findVerifier, verifierArgumentsFor } from '../../../setup/program-file.ts'
import { type Admin, assertAdminGetsIn } from '../../../setup/ssh/admin-login.ts'
import { assertGlassExcused } from '../../../setup/ssh/break-glass.ts'
import { assertNothingOpen } from '../../../setup/ssh/install.ts'
import type { FileRole } from '../../../setup/ssh/journal.ts'
import { readJournal } from '../../../setup/ssh/journal-file.ts'
import { assertNothingLeft } from '../../../setup/ssh/leftover.ts'
import { findOtherBlocks, findOverridden } from '../../../setup/ssh/other-block.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { type PlannedFile, planFiles } from '../../../setup/ssh/plan.ts'
import { type RecipeText, readRecipe } from '../../../setup/ssh/recipe.ts'
import { assertSshdWouldObey, readSshdSettings } from '../../../setup/ssh/sshd-promise.ts'
import { requireRunningSshd } from '../../../setup/ssh/take-effect.ts'
import { type Coverage, findUncovered } from '../../../setup/ssh/uncovered-people.ts'
import { DEFAULT_CONFIG_PATH } from '../../../wire.ts'
import type { Session } from '../../context.ts'
import type { SshRequest } from './ssh-options.ts'

/** All that is known before anybody is asked anything. */
export interface Prepared {
  readonly account: string
  /** Absolute. */
  readonly configPath: string
  readonly text: RecipeText
  readonly files: readonly PlannedFile[]
  /** What could not be found out, or what the admin should look at. */
  readonly remarks: readonly string[]
  readonly coverage: Coverage
}

/** Where, and for whom. */
export interface PrepareInput {
  readonly places: SetupPlaces
  readonly session: Session
  readonly account: string
  readonly configPath: string
}

/**
 * Looks at everything, changes nothing, and ends by the first thing that would go wrong: ERR_REFUSED,
 * ERR_USER_UNKNOWN, and as the parts it is made of.
 */
export async function prepareSetup(input: PrepareInput, request: SshRequest): Promise<Prepared> {
  const { places, session, account } = input
  const configPath = resolve(input.configPath)
  const earlier = readJournal(places)
  assertNothingOpen(earlier)
  assertNothingLeft(earlier)
  assertTrustedProgram('verifier', findVerifier(places.programRoot))
  assertTrustedProgram('command line', places.otpgate)
  const { breakGlass, group } = request
  const { exemptions } = session.config
  if (breakGlass !== undefined) assertGlassExcused(breakGlass, exemptions, places.pamService)
  const text = readRecipe(places, request, verifierArgumentsFor(configPath, DEFAULT_CONFIG_PATH))
  const files = planFiles(places, text, breakGlass)
  const members = findMembers(session, group)
  // Where systemd listens for sshd, that comes with the first connection.
  ensurePrivilegeSeparation()
  const settings = readSshdSettings(places, account)
  const admin = await describeAdmin(input, settings, group)
  const remarks = assertAdminGetsIn(admin, text, session.ports.now())
  assertSshdWouldObey(places, account, text, dropInsOf(files))
  requireRunningSshd(places, account)
  const coverage = await findUncovered(session.ports.register, {
    people: listPeople(places.getent),
    members,
    isRootAsked: settings.get('permitrootlogin')?.[0] === 'yes',
    unenrolled: session.config.policy.unenrolled,
    now: session.ports.now(),
  })
  const blocks = [...findOverridden(places), ...findOtherBlocks(places)]
  return { account, configPath, text, files, remarks: [...remarks, ...blocks], coverage }
}

async function describeAdmin(
  { places, session, account }: PrepareInput,
  settings: Admin['settings'],
  group: string | undefined,
): Promise<Admin> {
  return {
    name: account,
    entry: findLoginEntry(places.getent, account),
    state: await session.ports.register.find(toStoredName(account)),
    settings,
    membership: group === undefined ? undefined : membershipOf(session, group, account),
  }
}

/** What sshd would find in its directory. */
function dropInsOf(files: readonly PlannedFile[]): ReadonlyMap<string, string> {
  const roles: readonly FileRole[] = ['drop-in', 'break-glass']
  const dropIns = files.filter(({ role }) => roles.includes(role))
  return new Map(dropIns.map(({ path, bytes }) => [basename(path), bytes.toString()]))
}

/** What others can change is none to put into PAM, or into a unit. */
function assertTrustedProgram(what: string, path: string): void {
  const flaw = findProgramFlaw(path)
  if (flaw === undefined) return
  throw new AppError('ERR_REFUSED', `the ${what} cannot be trusted: ${flaw}`, {
    hint: 'check owner and mode of the file and of every directory above it',
  })
}

function findMembers({ ports }: Session, group: string | undefined) {
  if (group === undefined) return undefined
  const members = ports.passwd.findGroupMembers(group)
  if (members !== undefined) return members
  throw new AppError('ERR_USER_UNKNOWN', `no such group: ${toPrintable(group)}`, {
    hint: `make it first: groupadd ${toPrintable(group)}`,
  })
}

function membershipOf({ ports }: Session, group: string, account: string) {
  const entry = ports.passwd.findByName(account)
  const joined = entry === undefined ? [] : ports.passwd.findGroups(entry, [group]).joined
  return { group, isMember: joined.includes(group) }
}
