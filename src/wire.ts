import { dirname, join } from 'node:path'
import type {
  Hasher,
  Journal,
  Now,
  Passwd,
  RandomBytes,
  Register,
  Store,
  Upkeep,
  Vault,
} from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import type { Config } from './config/config.ts'
import { parseConfig } from './config/parse-config.ts'
import type { VerifyPolicy } from './domain/standing.ts'
import { now as hostNow } from './host/clock.ts'
import { assertTrustedFile, readTrustedFile, trustedOwners } from './host/file-mode.ts'
import { createPasswd } from './host/passwd.ts'
import { giveToOwnerOf, isThere, ownersOf } from './host/path.ts'
import { randomBytes } from './host/randomness.ts'
import { createSameFileCheck } from './host/same-file.ts'
import { decodeUtf8 } from './host/utf8.ts'
import { buildFile } from './host/write-file.ts'
import type { GatherLimit } from './store/sqlite/gather.ts'
import { MIGRATIONS } from './store/sqlite/migrations/list.ts'
import {
  initStorage,
  type KeylessStorage,
  openKeylessStorage,
  openStorage,
} from './store/sqlite/storage.ts'
import { readKeyId } from './vault/envelope.ts'
import { createHasher } from './vault/hasher.ts'
import { createVault, type Keyring, MASTER_KEY_BYTES } from './vault/keyring.ts'

export type { Config, KeylessStorage }
export { MASTER_KEY_BYTES }
/** How many migrations a database has had that this program opens. */
export const SCHEMA_VERSION = MIGRATIONS.length
/** Bundle and source both lie one level below the directory that holds node_modules and examples. */
export const PROGRAM_ROOT = join(import.meta.dirname, '..')
export const DEFAULT_CONFIG_PATH = '/etc/otpgate/otpgate.toml'
const CONFIG_LIMIT_BYTES = 262_144

/** Everything a use case may need, until it is closed. */
export interface Ports {
  readonly store: Store
  readonly register: Register
  readonly journal: Journal
  readonly upkeep: Upkeep
  readonly vault: Vault
  readonly hasher: Hasher
  readonly passwd: Passwd
  readonly randomBytes: RandomBytes
  readonly now: Now
  readonly close: () => void
}

export interface TimeLimit {
  /** How long to wait for another process that writes, in milliseconds. */
  readonly busyMilliseconds: number
  /** Called right before each COMMIT; throws to give the transaction up. */
  readonly beforeCommit: () => void
  /** How long to wait for a migration where an upgrade is under way, in milliseconds; else not at all. */
  readonly schemaMilliseconds?: number
}

/** What a process that serves many logins has besides. */
export interface ServiceOptions {
  /** Where systemd has laid the key for it, in the place of `[store] key_file`. */
  readonly credential?: string | undefined
  readonly gathering?: GatherLimit
}

/** The configuration; all defaults where the usual file is not there. Throws ERR_CONFIG_*. */
export function loadConfig(path: string): Config {
  return parseConfig(readConfigText(path) ?? '', path)
}

/**
 * The file's text; `undefined` where the usual file is not there. Throws ERR_CONFIG_INVALID where it
 * is not UTF-8, and ERR_CONFIG_UNREADABLE, also where another one was named and is not there: a
 * typing error must not mean the real host.
 */
export function readConfigText(path: string): string | undefined {
  const bytes = readTrustedFile(path, 'config', CONFIG_LIMIT_BYTES)
  if (bytes !== undefined) return decodeConfig(bytes, path)
  if (path === DEFAULT_CONFIG_PATH) return undefined
  throw new AppError('ERR_CONFIG_UNREADABLE', `${toPrintable(path)} does not exist`, {
    hint: 'check the name; otpgate init makes a new one there',
  })
}

/** TOML is UTF-8. To make something similar of other bytes would change what an admin wrote. */
function decodeConfig(bytes: Buffer, path: string): string {
  const text = decodeUtf8(bytes.toString('latin1'))
  if (text !== undefined) return text
  throw new AppError('ERR_CONFIG_INVALID', `${toPrintable(path)} is not UTF-8 text`, {
    hint: 'save it as UTF-8',
  })
}

/**
 * Opens key and database of the configuration, on the clock of the host unless another is given.
 * Throws ERR_KEY_* and ERR_STORE_*.
 */
export function openPorts(
  config: Config,
  { credential, ...limit }: TimeLimit & ServiceOptions,
  now: Now = hostNow,
): Ports {
  const keyring = openVault(config, credential)
  assertTrustedStore(config)
  // Taken before the file is opened: of one that is moved in between, nothing is saved.
  const assertSameFile = createSameFileCheck(config.store.path)
  const beforeCommit = () => {
    assertSameFile()
    limit.beforeCommit()
  }
  const options = { ...storeOptions(config), ...limit, beforeCommit, now }
  const { keyCheck, ...storage } = openStorage(options, keyring)
  // While the key is changed, the database says which of the two is the one to seal with.
  const vault = keyring.sealingWith(readKeyId(keyCheck))
  const hasher = createHasher()
  return { ...storage, vault, hasher, passwd: createPasswd(), randomBytes, now }
}

/**
 * Opens the accounts of the configuration for reading, which takes no key. Throws ERR_STORE_*, also
 * where others may write them: those are not believed.
 */
export function openAccounts(
  config: Config,
  { busyMilliseconds }: Pick<TimeLimit, 'busyMilliseconds'>,
): KeylessStorage {
  assertTrustedStore(config)
  return openKeylessStorage({ ...storeOptions(config), busyMilliseconds })
}

/**
 * Makes the database, wholly or not at all, or upgrades it; returns how many migrations ran. Throws as
 * `openPorts`.
 */
export function prepareStorage(config: Config, limit: TimeLimit): number {
  const vault = openVault(config)
  const { path } = config.store
  const init = (file: string, create: boolean) =>
    initStorage({ ...storeOptions(config), ...limit, path: file, create }, vault, randomBytes)
  if (isThere(path)) {
    assertTrustedStore(config)
    return init(path, false)
  }
  return buildFile(path, (draft) => {
    const ran = init(draft, true)
    giveToOwnerOf(dirname(path), draft)
    return ran
  })
}

/**
 * Throws ERR_STORE_* where others than root may write the database, or another `file` beside it. The user
 * of the daemon may.
 */
export function assertTrustedStore(config: Config, file = config.store.path): void {
  assertTrustedFile(file, 'store', storeOwners(config))
}

/**
 * Who may own the database: the user of the daemon as well, who is looked up where it is neither root's nor
 * ours. Throws ERR_STORE_PERMISSION where there is no such user.
 */
export function storeOwners({ store, daemon }: Config): readonly number[] {
  const owners = trustedOwners()
  const areOurs = ownersOf(store.path, dirname(store.path)).every((uid) => owners.includes(uid))
  if (areOurs) return owners
  const service = createPasswd().findByName(daemon.user)
  if (service !== undefined) return [...owners, service.uid]
  const whose = `the database is not root's, and there is no user "${daemon.user}"`
  const hint = `chown -R root:root ${dirname(store.path)}; or name its user in [daemon] user`
  throw new AppError('ERR_STORE_PERMISSION', whose, { hint })
}

/** What the configuration says about judging a login. */
export function verifyPolicy(config: Config): VerifyPolicy {
  const { unenrolled, codeAlone } = config.policy
  const { exemptions, remember } = config
  return {
    login: { unenrolled, codeAlone, exemptions, rememberSeconds: remember.forSeconds },
    throttle: config.throttle,
    window: config.totp.window,
  }
}

/**
 * The vault over the key of the configuration, and over the next one while the key is changed. Throws
 * ERR_KEY_*.
 */
export function openVault({ store }: Config, credential?: string): Keyring {
  if (credential !== undefined) return toVault(readKey(credential, 'credential'), () => [])
  return toVault(readKey(store.keyFile, 'key'), () => readOtherKeys(store))
}

/** Where the new key lies while the key is changed; see wire-rotate.ts. */
export function nextKeyPath({ keyFile }: Config['store']): string {
  return `${keyFile}.next`
}

/** The bytes of a master key, to be overwritten. Throws ERR_KEY_*. */
export function readKey(path: string, kind: 'key' | 'credential'): Buffer {
  const key = readTrustedFile(path, kind, MASTER_KEY_BYTES)
  if (key.length === MASTER_KEY_BYTES) return key
  throw new AppError('ERR_KEY_INVALID', `the key file has ${key.length} bytes`, {
    hint: `it must have ${MASTER_KEY_BYTES}: restore it from where you keep a copy`,
  })
}

/** In this order: the next key is renamed to be the key, and may have been since ours was read. */
function readOtherKeys(store: Config['store']): readonly Buffer[] {
  return [nextKeyPath(store), store.keyFile].flatMap((path) => {
    try {
      return [readKey(path, 'key')]
    } catch (error) {
      if (error instanceof AppError && error.code === 'ERR_KEY_MISSING') return []
      throw error
    }
  })
}

function toVault(key: Buffer, readOthers: () => readonly Buffer[]): Keyring {
  const vault = createVault(key, readOthers)
  key.fill(0)
  return vault
}

/** How the database of the configuration is opened. */
export function storeOptions(config: Config) {
  const prebuilds = join(PROGRAM_ROOT, 'node_modules', 'better-sqlite3', 'prebuilds')
  return {
    path: config.store.path,
    nativeBinding: join(prebuilds, `linux-${process.arch}.node`),
  }
}
