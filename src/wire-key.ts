import type { Vault } from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { isThere } from './host/path.ts'
import { readSeals } from './store/sqlite/key-change.ts'
import { readKeyId } from './vault/envelope.ts'
import { createVault } from './vault/keyring.ts'
import {
  assertTrustedStore,
  type Config,
  nextKeyPath,
  readKey,
  storeOptions,
  type TimeLimit,
} from './wire.ts'

/** One of the places where a master key lies that is in use. */
export interface KeyPlace {
  readonly id: string
  readonly path: string
}

/** The key, and the next one where there is one. Throws ERR_KEY_*. */
export function findKeyPlaces({ store }: Config): readonly KeyPlace[] {
  const next = nextKeyPath(store)
  const place = (path: string) => ({ id: openSoleKey(path).keyId, path })
  try {
    const found = isThere(next) ? [place(next)] : []
    return [place(store.keyFile), ...found]
  } catch (error) {
    // Renamed this very moment: then it is the key.
    const isOver = error instanceof AppError && error.code === 'ERR_KEY_MISSING' && !isThere(next)
    if (!isOver) throw error
    return [place(store.keyFile)]
  }
}

/**
 * Where the key of this id lies: not always under the name of the key, while that is changed. A next key
 * that is not asked for is not looked at, whatever it is. Throws ERR_KEY_*.
 */
export function findKeyPath({ store }: Config, keyId: string): string {
  const places = [store.keyFile, nextKeyPath(store)]
  const isIt = (path: string) => isThere(path) && openSoleKey(path).keyId === keyId
  return places.find(isIt) ?? store.keyFile
}

/** The vault over the key of this file and no other. Throws ERR_KEY_*. */
export function openSoleKey(path: string): Vault {
  const key = readKey(path, 'key')
  const vault = createVault(key)
  key.fill(0)
  return vault
}

/** Which master keys a database needs. */
export interface KeyNeed {
  /** Of the key that new values are sealed with. */
  readonly keyId: string
  /** All of them, that one first. */
  readonly all: readonly string[]
  /** Secrets of devices that need another key than that one. */
  readonly secretsLeft: number
  readonly isChanging: boolean
}

/** Takes no key. Throws ERR_STORE_*. */
export function readKeyNeed(options: Parameters<typeof readSeals>[0]): KeyNeed {
  const { keyCheck, auditKey, devices, isChanging } = readSeals(options)
  const keyId = readKeyId(keyCheck)
  const others = [...devices].filter(([id]) => id !== keyId)
  return {
    keyId,
    all: [...new Set([keyId, readKeyId(auditKey), ...others.map(([id]) => id)])],
    secretsLeft: others.reduce((sum, [, count]) => sum + count, 0),
    isChanging,
  }
}

/** As `readKeyNeed`, of the database of the configuration. */
export function readPresentNeed(
  config: Config,
  wait: Pick<TimeLimit, 'busyMilliseconds'>,
): KeyNeed {
  assertTrustedStore(config)
  return readKeyNeed({ ...storeOptions(config), ...wait })
}
