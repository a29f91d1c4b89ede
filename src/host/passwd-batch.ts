import { AppError } from '../base/errors.ts'
import { readLocalEntries } from './local-file.ts'
import { isFileAuthoritative } from './nsswitch.ts'
import { type PasswdPlaces, PLACES } from './passwd.ts'
import { PASSWD_LINE } from './passwd-line.ts'

/** As many names as one run of getent(1) is asked for: far below what arguments may come to. */
const BATCH = 500
const BATCH_MILLISECONDS = 60_000
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024
/** Found, and not all of them found (getent(1)). */
const ANSWERS: readonly (number | null)[] = [0, 2]

/**
 * The uid of each of many people whom the passwd database knows, by name: in batches, since a run of
 * getent for each takes minutes for some thousands. `onProgress`: how many were asked for. Throws
 * ERR_PASSWD_FAILED.
 */
export function findUids(
  names: readonly string[],
  onProgress: (done: number) => void = () => {},
  places: Partial<PasswdPlaces> = {},
): ReadonlyMap<string, number> {
  const from = { ...PLACES, ...places }
  const uids = new Map(readLocal(from, new Set(names)))
  const others = names.filter((name) => !uids.has(name))
  for (let at = 0; at < others.length; at += BATCH) {
    const batch = others.slice(at, at + BATCH)
    for (const { name, uid } of askGetent(from.getent, batch)) uids.set(name, uid)
    onProgress(Math.min(names.length, names.length - others.length + at + BATCH))
  }
  return uids
}

/** Where the local file is the answer anyway. */
function readLocal(
  { nsswitchFile, passwdFile }: PasswdPlaces,
  wanted: ReadonlySet<string>,
): readonly (readonly [string, number])[] {
  if (!isFileAuthoritative(nsswitchFile, 'passwd')) return []
  const entries = readLocalEntries(passwdFile, PASSWD_LINE) ?? []
  // The first entry of a name counts: later ones are overwritten by it.
  return entries
    .filter(({ name }) => wanted.has(name))
    .map(({ name, uid }) => [name, uid] as const)
    .toReversed()
}

/** A name of digits is looked up as a uid as well: what is not of a name in the batch is nobody's. */
function askGetent(program: string, batch: readonly string[]) {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout, error } = spawnSync(program, ['passwd', '--', ...batch], {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'latin1',
    timeout: BATCH_MILLISECONDS,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (error !== undefined || !ANSWERS.includes(status)) {
    throw new AppError('ERR_PASSWD_FAILED', 'cannot ask the passwd database', {
      hint: 'run "getent passwd" to see what is wrong',
      cause: error ?? `status ${status}`,
    })
  }
  const asked = new Set(batch)
  return stdout
    .split('\n')
    .flatMap((line) => PASSWD_LINE.parse(line) ?? [])
    .filter(({ name }) => asked.has(name))
}
