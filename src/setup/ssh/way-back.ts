import type { SetupJournal } from './journal.ts'
import type { SetupPlaces } from './places.ts'
import { restoreFile } from './spare.ts'
import { bringSshdBack } from './take-effect.ts'
import { STEP_ROLES, type Step, WAY_BACK } from './way.ts'

/** What sshd has to do with it. */
export interface WayBack {
  /** Whether it may have read files of the set-up. */
  readonly mustReload: boolean
  /** Whether one that has ended is started again. */
  readonly mayStart: boolean
}

/** Goes as far as it can, and then throws what failed first; see `WAY_BACK`. Safe to repeat. */
export async function takeWayBack(
  places: SetupPlaces,
  journal: SetupJournal,
  way: WayBack,
): Promise<void> {
  const failures: unknown[] = []
  const done = new Set<Step>()
  for (const { step, after } of WAY_BACK[journal.recipe]) {
    if (!after.every((each) => done.has(each))) continue
    const failed = await takeStep(places, journal, step, way)
    if (failed.length === 0) done.add(step)
    failures.push(...failed)
  }
  if (failures.length > 0) throw failures[0]
}

/** What failed of it. */
async function takeStep(
  places: SetupPlaces,
  journal: SetupJournal,
  step: Step,
  { mustReload, mayStart }: WayBack,
): Promise<readonly unknown[]> {
  const files = journal.files.filter(({ role }) => STEP_ROLES[step].includes(role))
  const acts = files.map((file) => async () => restoreFile(places, file))
  if (step === 'sshd' && mustReload) acts.push(() => bringSshdBack(places, journal, mayStart))
  const failures: unknown[] = []
  for (const act of acts) await act().catch((error: unknown) => failures.push(error))
  return failures
}
