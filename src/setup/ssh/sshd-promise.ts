import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { isThere } from '../../host/path.ts'
import { askSshd, type SshdAnswer, type SshdLogin } from '../../host/sshd-answer.ts'
import { includesDropIn, rehearseSshd } from '../../host/sshd-rehearsal.ts'
import { DROP_IN_NAME, type SetupPlaces } from './places.ts'
import type { RecipeText } from './recipe.ts'

/** An address of documentation (RFC 5737): no `Match` block is about it. */
const ANY_ADDRESS = '192.0.2.1'
/** In no group that a recipe could be for: Debian's account that owns nothing. */
const OUTSIDER = 'nobody'

/** The login that settings are asked for. */
export function loginOf(account: string): SshdLogin {
  return { user: account, address: ANY_ADDRESS }
}

/** What sshd says of somebody's login now. Throws ERR_REFUSED where it gives no settings. */
export function readSshdSettings(
  { sshd, sshdConfig }: Pick<SetupPlaces, 'sshd' | 'sshdConfig'>,
  account: string,
): ReadonlyMap<string, readonly string[]> {
  return requireSettings(askSshd({ program: sshd, config: sshdConfig }, loginOf(account)), sshd)
}

/** What sshd says now of somebody whom a recipe for a group is not about. Throws ERR_REFUSED. */
export function readOutsiderSettings(
  places: Pick<SetupPlaces, 'sshd' | 'sshdConfig'>,
): ReadonlyMap<string, readonly string[]> {
  return readSshdSettings(places, OUTSIDER)
}

/**
 * Throws ERR_REFUSED unless sshd would do what the recipe says of this account's login once the drop-ins
 * are in place, and nothing else with people outside its group; nothing is changed to find out.
 */
export function assertSshdWouldObey(
  places: SetupPlaces,
  account: string,
  recipe: RecipeText,
  dropIns: ReadonlyMap<string, string>,
): void {
  const { sshd: program, sshdConfig: config, dropInDirectory } = places
  const dropIn = join(dropInDirectory, DROP_IN_NAME)
  if (!includesDropIn(config, dropIn)) {
    throw new AppError('ERR_REFUSED', `${toPrintable(config)} does not include ${dropIn}`, {
      hint: `make its first line: Include ${join(dropInDirectory, '*.conf')}`,
    })
  }
  if (!isThere(dropInDirectory)) {
    throw new AppError('ERR_REFUSED', `there is no ${toPrintable(dropInDirectory)}`, {
      hint: `mkdir -m 755 ${toPrintable(dropInDirectory)}`,
    })
  }
  const rehearsal = { program, config, dropInDirectory, dropIns }
  const answer = rehearseSshd(rehearsal, loginOf(account))
  if (answer.kind === 'refused') throw wouldNotStart(places, answer.complaint)
  assertObeyed(requireSettings(answer, program), places, recipe)
  if (!recipe.sparesOutsiders) return
  const outside = requireSettings(rehearseSshd(rehearsal, loginOf(OUTSIDER)), program)
  assertSame(readOutsiderSettings(places), outside)
}

/** Its configuration of now may be fine: what is switched off above cannot be demanded below. */
function wouldNotStart({ sshdConfig, dropInDirectory }: SetupPlaces, complaint: string): AppError {
  const what = `with the drop-in sshd would not start: ${toPrintable(complaint)}`
  const words = 'usepam|kbdinteractive|passwordauth|authenticationmethods'
  return new AppError('ERR_REFUSED', what, {
    hint: `take away what says otherwise: grep -rinE '${words}' ${sshdConfig} ${dropInDirectory}`,
  })
}

/** Throws ERR_SETUP_FAILED unless sshd does by now; `outside`: what it said of outsiders before. */
export function assertSshdObeys(
  places: SetupPlaces,
  account: string,
  recipe: RecipeText,
  outside: ReadonlyMap<string, readonly string[]>,
): void {
  try {
    assertObeyed(readSshdSettings(places, account), places, recipe)
    if (recipe.sparesOutsiders) assertSame(outside, readOutsiderSettings(places))
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError('ERR_SETUP_FAILED', cause.message, {
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      cause,
    })
  }
}

function assertObeyed(
  settings: ReadonlyMap<string, readonly string[]>,
  { sshdConfig, dropInDirectory }: SetupPlaces,
  { methods, takesPassword }: RecipeText,
): void {
  const wanted: Readonly<Record<string, string>> = {
    UsePAM: 'yes',
    KbdInteractiveAuthentication: 'yes',
    ...(takesPassword ? { PasswordAuthentication: 'yes' } : {}),
    AuthenticationMethods: methods,
  }
  for (const [name, value] of Object.entries(wanted)) {
    const says = settings.get(name.toLowerCase())?.join(' ') ?? 'nothing'
    if (says === value) continue
    const what = `sshd would go on saying ${name} "${toPrintable(says)}", for this login`
    throw new AppError('ERR_REFUSED', what, {
      hint: `another line comes first; find it by: grep -rin ${name} ${sshdConfig} ${dropInDirectory}`,
    })
  }
}

/** Every setting counts: whoever is not asked for a code must not get in by something new either. */
function assertSame(
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): void {
  const say = (settings: typeof before, name: string) => settings.get(name)?.join(' ') ?? 'nothing'
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].find((name) => say(before, name) !== say(after, name))
  if (changed === undefined) return
  const was = toPrintable(say(before, changed))
  const is = toPrintable(say(after, changed))
  const what = `for people outside the group sshd would say ${changed} "${is}" in place of "${was}"`
  throw new AppError('ERR_REFUSED', what, {
    hint: 'make that so for everybody first, and see that all can log in; or leave --group out',
  })
}

function requireSettings(answer: SshdAnswer, sshd: string): ReadonlyMap<string, readonly string[]> {
  switch (answer.kind) {
    case 'settings':
      return answer.values
    case 'absent':
      throw new AppError('ERR_REFUSED', `there is no sshd: ${toPrintable(sshd)}`)
    case 'refused': {
      const what = `sshd does not take its configuration: ${toPrintable(answer.complaint)}`
      throw new AppError('ERR_REFUSED', what, { hint: `see: ${sshd} -t` })
    }
  }
}
