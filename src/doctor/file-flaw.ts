import { dirname } from 'node:path'
import type { Passwd } from '../app/ports.ts'
import { AppError, type ErrorCode } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import { assertTrustedFile, type TrustedKind, trustedOwners } from '../host/file-mode.ts'
import { ownersOf } from '../host/path.ts'
import type { FileFlaw } from './facts.ts'

/** A file that is not there is for other checks to complain about. */
const MISSING: readonly ErrorCode[] = ['ERR_KEY_MISSING', 'ERR_STORE_MISSING']

const MODES: Readonly<Record<'key' | 'config' | 'store', string>> = {
  key: '0400',
  config: '0644',
  store: '0600',
}

/** Where the files of one otpgate are. */
export interface OwnFiles {
  /** Absolute. */
  readonly configPath: string
  readonly hasConfigFile: boolean
  /** `undefined`: the configuration cannot be read, and with it nobody knows. */
  readonly config: Config | undefined
}

/** What is wrong with owner or mode of configuration, key and database, and of directories above. */
export function findFileFlaws(
  passwd: Passwd,
  { configPath, hasConfigFile, config }: OwnFiles,
): readonly FileFlaw[] {
  const own = hasConfigFile ? findFlaw(configPath, 'config', trustedOwners()) : []
  if (config === undefined) return own
  const { keyFile, path } = config.store
  return [
    ...own,
    ...findFlaw(keyFile, 'key', trustedOwners()),
    ...findFlaw(path, 'store', storeOwners(passwd, config)),
  ]
}

function findFlaw(
  path: string,
  kind: Exclude<TrustedKind, 'credential'>,
  owners: readonly number[],
): readonly FileFlaw[] {
  try {
    assertTrustedFile(path, kind, owners)
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (MISSING.includes(error.code)) return []
    const { message: what } = error
    return [
      { what, fix: `namei -l ${path}; chown root:root ${path} && chmod ${MODES[kind]} ${path}` },
    ]
  }
}

/** The daemon's user may own the database: looked up where somebody else than root does. */
function storeOwners(passwd: Passwd, { store, daemon }: Config): readonly number[] {
  const owners = trustedOwners()
  const isRoots = ownersOf(store.path, dirname(store.path)).every((uid) => owners.includes(uid))
  const service = isRoots ? undefined : passwd.findByName(daemon.user)
  return service === undefined ? owners : [...owners, service.uid]
}
