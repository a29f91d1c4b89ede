import type { Vault } from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import type { AuditEvent } from './domain/audit-event.ts'
import { now } from './host/clock.ts'
import { makePrivateFile } from './host/database-file.ts'
import { ensureDurableKey, replaceKeyFile } from './host/key-file.ts'
import { fileIdentity, isThere, removeFile } from './host/path.ts'
import { randomBytes } from './host/randomness.ts'
import { beginKeyChange, endKeyChange, readSeals } from './store/sqlite/key-change.ts'
import { holdFile } from './store/sqlite/sole-run.ts'
import { readKeyId } from './vault/envelope.ts'
import { createVault } from './vault/keyring.ts'
import {
  assertTrustedStore,
  type Config,
  MASTER_KEY_BYTES,
  nextKeyPath,
  openVault,
  readKey,
  storeOptions,
  type TimeLimit,
} from './wire.ts'

// How a key A gives way to a key B. Each line is what a kill may leave, and how it goes on from there:
//
//   KEY_FILE  .next  .old-A  key check  devices  mark
//   A         -      -       A          A        -      settled; B is made, and synced
//   A         B      -       A          A        -      made; one transaction begins: key check, audit key,
//                                                       mark and a row of the audit log
//   A         B      -       B          A, B     set    begun; devices go over to B, some in each transaction
//   A         B      -       B          B        set    each is opened with B alone; one transaction ends it
//   A         B      -       B          B        -      ended; A gets its second name, where it is to be kept
//   A         B      A       B          B        -      B is renamed
//   B         -      A       B          B        -      settled
//
// In each of them whoever reads KEY_FILE first, and .next where a value names another key, opens all that
// there is. New secrets are sealed by the key of the key check; a program that has opened the database
// under another key check saves none (Tables.assertSameKey). A daemon with a credential has A alone: what
// it does not open it leaves to the direct verifier. A backup of A that is restored half-way leads back to
// "made".

type Wait = Pick<TimeLimit, 'busyMilliseconds'>

/** One of the places where a master key lies that is in use. */
export interface KeyPlace {
  readonly id: string
  readonly path: string
}

/** The key, and the next one where there is one. Throws ERR_KEY_*. */
export function findKeyPlaces({ store }: Config): readonly KeyPlace[] {
  const next = nextKeyPath(store)
  const place = (path: string) => ({ id: openSole(path).keyId, path })
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
export function readPresentNeed(config: Config, wait: Wait): KeyNeed {
  assertTrustedStore(config)
  return readKeyNeed({ ...storeOptions(config), ...wait })
}

/** Who changes the key, for the record. */
export interface KeyChangeActor {
  readonly actor: string
  readonly reason: string | undefined
}

/** A change of the master key, in whatever state it is; nobody else is at it until `close`. */
export interface KeyChange {
  /** Id of the key that is to go. */
  readonly from: string
  /** A run before this one has begun it. */
  readonly isBegun: boolean
  /** Makes the new key and begins to use it, unless that is done; its id. */
  begin(actor: KeyChangeActor): string
  /** The vault over the new key and no other. */
  openNext(): Vault
  /** Records that nothing needs the old key any more, unless that is done. Throws ERR_REFUSED. */
  end(actor: KeyChangeActor): void
  /** Puts the new key into the place of the old one; where that is kept, where it is. */
  install(terms: { readonly keepsOld: boolean }): string | undefined
  close(): void
}

/** Throws ERR_REFUSED where another run is at it, ERR_KEY_* and ERR_STORE_*. */
export function openKeyChange(config: Config, wait: Wait): KeyChange {
  const { store } = config
  const vault = openVault(config)
  const from = vault.keyId
  const next = nextKeyPath(store)
  const release = holdKeys(config)
  const options = { ...storeOptions(config), ...wait }
  const terms = (what: string, given: KeyChangeActor) => ({
    now,
    event: toEvent(`${what}, from ${from} to ${openSole(next).keyId}`, given),
  })
  try {
    const { keyId, isChanging } = readPresentNeed(config, wait)
    assertOtherKey(next, from)
    let isBegun = keyId !== from
    return {
      from,
      isBegun,
      begin(actor) {
        if (!isBegun) {
          ensureDurableKey(next, () => randomBytes(MASTER_KEY_BYTES))
          beginKeyChange(options, vault, openSole(next), terms('begun', actor))
          isBegun = true
        }
        return openSole(next).keyId
      },
      openNext: () => openSole(next),
      end(actor) {
        const wasEnded = keyId !== from && !isChanging
        if (!wasEnded) endKeyChange(options, openSole(next), terms('finished', actor))
      },
      install({ keepsOld }) {
        const old = { path: `${store.keyFile}.old-${from}`, isKept: keepsOld }
        replaceKeyFile(store.keyFile, next, old)
        return keepsOld ? old.path : undefined
      },
      close: release,
    }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * Whoever holds this is the only one that changes the key, or puts another database under it. Throws
 * ERR_REFUSED where somebody does.
 */
export function holdKeys(config: Config): () => void {
  const path = `${config.store.keyFile}.lock`
  for (;;) {
    makeLockFile(path)
    const identity = fileIdentity(path)
    const held = holdFile(path, storeOptions(config).nativeBinding)
    if (held === undefined) {
      throw new AppError('ERR_REFUSED', 'another run is at the master key or restores a backup', {
        hint: 'wait until it has ended, and look with: otpgate key check',
      })
    }
    // The one before takes the file away: then this is the lock of nothing.
    if (identity !== '' && fileIdentity(path) === identity) {
      return () => {
        removeFile(path)
        held.release()
      }
    }
    held.release()
  }
}

/** The same, but for where nobody can change the key, since nothing can be written beside it. */
export function holdKeysIfChangeable(config: Config): () => void {
  try {
    return holdKeys(config)
  } catch (error) {
    const isFixed = error instanceof AppError && error.code === 'ERR_OUTPUT_FAILED'
    if (isFixed) return () => {}
    throw error
  }
}

function makeLockFile(path: string): void {
  try {
    makePrivateFile(path)
  } catch (error) {
    // Somebody's who holds it, or of a run that was killed.
    if (!isThere(path)) throw error
  }
}

function assertOtherKey(next: string, from: string): void {
  if (!isThere(next) || openSole(next).keyId !== from) return
  const shown = toPrintable(next)
  throw new AppError('ERR_REFUSED', `${shown} holds the key that is to go`, {
    hint: `it is a copy: rm ${shown}`,
  })
}

function openSole(path: string): Vault {
  const key = readKey(path, 'key')
  const vault = createVault(key)
  key.fill(0)
  return vault
}

function toEvent(what: string, { actor, reason }: KeyChangeActor): Omit<AuditEvent, 'at'> {
  const text = reason === undefined ? what : `${what}: ${reason}`
  return { actor, action: 'key-rotate', outcome: 'done', reason: text }
}
