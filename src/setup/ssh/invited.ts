import { join } from 'node:path'
import { ifPossible } from '../../base/errors.ts'
import { removeFile } from '../../host/path.ts'
import { replaceFile } from '../../host/replace-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { SetupPlaces } from './places.ts'

const NAME = 'invited'
const MODE = 0o600
const LIMIT_BYTES = 1_048_576

type InvitedPlaces = Pick<SetupPlaces, 'stateDirectory'>

/**
 * Keeps who was invited along with the set-up that was just begun: they stay so after a way back. It is
 * for the screen alone: nothing fails for it.
 */
export function keepInvited({ stateDirectory }: InvitedPlaces, names: readonly string[]): void {
  ifPossible(() => {
    if (names.length === 0) removeFile(join(stateDirectory, NAME))
    else replaceFile(join(stateDirectory, NAME), `${names.join('\n')}\n`, MODE)
  })
}

/** Who was invited along with the last set-up. */
export function readInvited({ stateDirectory }: InvitedPlaces): readonly string[] {
  const bytes = ifPossible(() => readStateFile(join(stateDirectory, NAME), LIMIT_BYTES))
  return (
    bytes
      ?.toString('utf8')
      .split('\n')
      .filter((name) => name !== '') ?? []
  )
}
