import { dirname } from 'node:path'
import type { Passwd } from '../app/ports.ts'
import { AppError, type ErrorCode } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import { findCulprit } from '../host/culprit.ts'
import { assertTrustedFile, trustedOwners } from '../host/file-mode.ts'
import { ownersOf } from '../host/path.ts'
import type { FileFlaw } from './facts.ts'

/** A file that is not there is for other checks to complain about. */
const MISSING: readonly ErrorCode[] = ['ERR_KEY_MISSING', 'ERR_STORE_MISSING']

/** `mode`: what to give it; `forbidden`: bits that it must not have. */
const KINDS = {
  key: { mode: '0400', forbidden: 0o077 },
  config: { mode: '0644', forbidden: 0o022 },
  store: { mode: '0600', forbidden: 0o022 },
} as const

/** What SQLite keeps beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** Where the files of one otpgate are. */
export interface OwnFiles {
  /** Absolute. */
  readonly configPath: string
  readonly hasConfigFile: boolean
  /** `undefined`: the configuration cannot be read, and with it nobody knows. */
  readonly config: Config | undefined
}

/** Who may own a file, and who should, in the words of chown(1). */
interface Ownership {
  readonly uids: readonly number[]
  readonly rightful: string
}

/** What is wrong with owner or mode of configuration, key and database, and of directories above. */
export function findFileFlaws(
  passwd: Passwd,
  { configPath, hasConfigFile, config }: OwnFiles,
): readonly FileFlaw[] {
  const roots: Ownership = { uids: trustedOwners(), rightful: 'root:root' }
  const own = hasConfigFile ? findFlaw(configPath, 'config', roots) : []
  if (config === undefined) return own
  const { keyFile, path } = config.store
  return [
    ...own,
    ...findFlaw(keyFile, 'key', roots),
    ...findFlaw(path, 'store', storeOwnership(passwd, config)),
  ]
}

function findFlaw(
  path: string,
  kind: keyof typeof KINDS,
  ownership: Ownership,
): readonly FileFlaw[] {
  try {
    assertTrustedFile(path, kind, ownership.uids)
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (MISSING.includes(error.code)) return []
    return [{ what: error.message, fix: fixFor(path, kind, ownership) }]
  }
}

/** Names what is at fault alone, and leaves its owner where that is one of those who may be. */
function fixFor(path: string, kind: keyof typeof KINDS, { uids, rightful }: Ownership): string {
  const { mode, forbidden } = KINDS[kind]
  const companions = kind === 'store' ? COMPANIONS.map((tail) => path + tail) : []
  const culprit = findCulprit(path, companions, { owners: uids, forbidden })
  if (culprit === undefined) return `namei -l ${path}; ls -l ${path}*`
  const { path: at, isDirectory, isForeign } = culprit
  const chown = isForeign ? [`chown ${rightful} ${at}`] : []
  const chmod = `chmod ${isDirectory ? 'go-w' : mode} ${at}`
  return `namei -l ${at}; ${[...chown, chmod].join(' && ')}`
}

/** The daemon's user may own the database: looked up where somebody else than root does. */
function storeOwnership(passwd: Passwd, { store, daemon }: Config): Ownership {
  const uids = trustedOwners()
  const rightful = 'root:root'
  const found = ownersOf(store.path, dirname(store.path))
  if (found.every((uid) => uids.includes(uid))) return { uids, rightful }
  const service = passwd.findByName(daemon.user)
  if (service === undefined) return { uids, rightful }
  // Its group is the one of login: chown(1) takes it from the colon.
  const isServices = found.includes(service.uid)
  return { uids: [...uids, service.uid], rightful: isServices ? `${daemon.user}:` : rightful }
}
