import type { Vault } from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import type { AuditEvent } from './domain/audit-event.ts'
import { now } from './host/clock.ts'
import { assertKeepable, ensureDurableKey, replaceKeyFile } from './host/key-file.ts'
import { isThere } from './host/path.ts'
import { randomBytes } from './host/randomness.ts'
import { beginKeyChange, endKeyChange } from './store/sqlite/key-change.ts'
import {
  type Config,
  MASTER_KEY_BYTES,
  nextKeyPath,
  openVault,
  storeOptions,
  type TimeLimit,
} from './wire.ts'
import { openSoleKey, readPresentNeed } from './wire-key.ts'
import { holdKeys } from './wire-key-lock.ts'

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

/** How far it is, of what the database says. "made" is "settled" with a key that waits. */
type Stage = 'settled' | 'begun' | 'ended'

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
  readonly wasBegun: boolean
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

/**
 * Throws ERR_REFUSED where another run is at it, or the place of the old key is taken by something else,
 * ERR_KEY_* and ERR_STORE_*. All is read under the lock: what was read before may be of another key.
 */
export function openKeyChange(
  config: Config,
  wait: Pick<TimeLimit, 'busyMilliseconds'>,
): KeyChange {
  const release = holdKeys(config)
  try {
    return describeChange(config, wait, release)
  } catch (error) {
    release()
    throw error
  }
}

/** Each step looks at the database anew: nothing of an earlier one is remembered. */
function describeChange(
  config: Config,
  wait: Pick<TimeLimit, 'busyMilliseconds'>,
  close: () => void,
): KeyChange {
  const { keyFile } = config.store
  const next = nextKeyPath(config.store)
  const vault = openVault(config)
  const from = vault.keyId
  const oldPath = `${keyFile}.old-${from}`
  const options = { ...storeOptions(config), ...wait }
  const findStage = () => toStage(readPresentNeed(config, wait), from)
  const openNext = () => openNextKey(config, wait, from)
  const terms = (what: string, to: Vault, actor: KeyChangeActor) => ({
    now,
    event: toEvent(`${what}, from ${from} to ${to.keyId}`, actor),
  })
  const wasBegun = findStage() !== 'settled'
  assertKeepable(keyFile, oldPath)
  if (isThere(next)) openNext()
  return {
    ...{ from, wasBegun, openNext, close },
    begin(actor) {
      if (findStage() === 'settled') {
        ensureDurableKey(next, () => randomBytes(MASTER_KEY_BYTES))
        const to = openNext()
        beginKeyChange(options, vault, to, terms('begun', to, actor))
      }
      return openNext().keyId
    },
    end(actor) {
      const to = openNext()
      if (findStage() !== 'ended') endKeyChange(options, to, terms('finished', to, actor))
    },
    install({ keepsOld }) {
      replaceKeyFile(keyFile, next, { path: oldPath, isKept: keepsOld })
      return keepsOld ? oldPath : undefined
    },
  }
}

function toStage(
  { keyId, isChanging }: { keyId: string; isChanging: boolean },
  from: string,
): Stage {
  if (keyId === from) return 'settled'
  return isChanging ? 'begun' : 'ended'
}

/** It is the one the database has, once that has left the old one, or any other but the old one. */
function openNextKey(
  config: Config,
  wait: Pick<TimeLimit, 'busyMilliseconds'>,
  from: string,
): Vault {
  const path = nextKeyPath(config.store)
  const shown = toPrintable(path)
  const next = openSoleKey(path)
  if (next.keyId === from) {
    throw new AppError('ERR_REFUSED', `${shown} holds the key that is to go`, {
      hint: `it is a copy: rm ${shown}`,
    })
  }
  const { keyId } = readPresentNeed(config, wait)
  if (keyId === from || keyId === next.keyId) return next
  throw new AppError('ERR_KEY_WRONG', `${shown} holds ${next.keyId}, the database needs ${keyId}`, {
    hint: 'put the key with that id into its place; see: otpgate key check',
  })
}

function toEvent(what: string, { actor, reason }: KeyChangeActor): Omit<AuditEvent, 'at'> {
  const text = reason === undefined ? what : `${what}: ${reason}`
  return { actor, action: 'key-rotate', outcome: 'done', reason: text }
}
