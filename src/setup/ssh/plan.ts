import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import type { FileOwnership } from '../../host/install-file.ts'
import { hashOf, type RootFile, readRootFile } from '../../host/root-file.ts'
import { BREAK_GLASS_NAME, type BreakGlass, renderBreakGlass } from './break-glass.ts'
import type { ChangedFile, FileRole } from './journal.ts'
import { DROP_IN_NAME, type SetupPlaces } from './places.ts'
import type { RecipeText } from './recipe.ts'
import { includeRecipe } from './service-text.ts'

/** Of a new file: sshd and PAM read theirs as root, and admins as anybody. */
const NEW_FILE: FileOwnership = { mode: 0o644, uid: 0, gid: 0 }

/** One file as it is, and as it is to be. */
export interface PlannedFile {
  readonly role: FileRole
  readonly path: string
  readonly before: RootFile | undefined
  readonly bytes: Buffer
  readonly ownership: FileOwnership
}

/**
 * The files that set-up changes, in the order in which they are put in place. Throws ERR_REFUSED where
 * it cannot be told what to change.
 */
export function planFiles(
  places: SetupPlaces,
  { pamName, pamText, dropInText }: RecipeText,
  breakGlass: BreakGlass | undefined,
): readonly PlannedFile[] {
  const { dropInDirectory, pamDirectory, pamService } = places
  const service = readService(join(pamDirectory, pamService))
  const dropIn = planNew('drop-in', join(dropInDirectory, DROP_IN_NAME), dropInText)
  const glass =
    breakGlass === undefined
      ? []
      : [
          planNew(
            'break-glass',
            join(dropInDirectory, BREAK_GLASS_NAME),
            renderBreakGlass(breakGlass),
          ),
        ]
  // It may hold any bytes in its comments: they come back as they were.
  const text = includeRecipe(service.before.bytes.toString('latin1'), service.path, pamName)
  return [
    dropIn,
    ...glass,
    planNew('recipe', join(pamDirectory, pamName), pamText),
    { role: 'service', ...service, bytes: Buffer.from(text, 'latin1'), ownership: service.before },
  ]
}

/** What the journal notes of a file; `copy`: the name its original is kept under. */
export function toChangedFile(
  { role, path, before, bytes, ownership }: PlannedFile,
  copy: string,
): ChangedFile {
  return {
    role,
    path,
    original: before && { sha256: before.sha256, ...permissionsOf(before) },
    copy: before && copy,
    installed: { sha256: hashOf(bytes), ...permissionsOf(ownership) },
  }
}

function permissionsOf({ mode, uid, gid }: FileOwnership): FileOwnership {
  return { mode, uid, gid }
}

function planNew(role: FileRole, path: string, text: string): PlannedFile {
  return { role, path, before: readRootFile(path), bytes: Buffer.from(text), ownership: NEW_FILE }
}

function readService(path: string) {
  const before = readRootFile(path)
  if (before !== undefined) return { path, before }
  throw new AppError('ERR_REFUSED', `there is no ${toPrintable(path)}`, {
    hint: "set-up changes the distribution's own file; a host without it is set up by hand: see README.md",
  })
}
