import { createSecretKey, hkdfSync } from 'node:crypto'
import type { SealContext, Vault } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { KEY_ID_BYTES, openValue, readKeyId, type SealingKey, sealValue } from './envelope.ts'

/** A master key is this many random bytes, raw, in a file of its own. */
export const MASTER_KEY_BYTES = 32
const SEALING_KEY_BYTES = 32

/** HKDF labels. Stored values depend on them: never change one, add a new format version. */
const KEY_ID_LABEL = 'otpgate 1 key id'
const LABELS: Readonly<Record<SealContext['kind'], string>> = {
  'device-secret': 'otpgate 1 device secret',
  'audit-key': 'otpgate 1 audit key',
  'key-check': 'otpgate 1 key check',
}

/** A vault that may be given another key to seal with. */
export interface Keyring extends Vault {
  /** The same, sealing by the key of this id. Throws ERR_KEY_WRONG where there is none. */
  sealingWith(keyId: string): Keyring
}

/** What comes from one master key: its id, and a key for each purpose. */
interface KeySet {
  readonly id: string
  readonly keys: Readonly<Record<SealContext['kind'], SealingKey>>
}

/**
 * The vault over one master key: a key of its own for each purpose (HKDF-SHA256, RFC 5869), so that
 * a value sealed for one never opens for another. `readOthers`: master keys that are looked through
 * where a value names none that is known yet. Throws ERR_KEY_INVALID unless the key is 32 bytes.
 * No master key is kept: the caller may overwrite it afterwards, and the others are overwritten here.
 */
export function createVault(
  masterKey: Buffer,
  readOthers: () => readonly Buffer[] = noOthers,
): Keyring {
  const own = deriveKeys(masterKey)
  const known = new Map([[own.id, own]])

  function find(id: string): KeySet | undefined {
    if (known.has(id)) return known.get(id)
    for (const other of readOthers()) {
      const set = deriveKeys(other)
      other.fill(0)
      known.set(set.id, set)
    }
    return known.get(id)
  }

  function sealingBy({ id, keys }: KeySet): Keyring {
    return {
      keyId: id,
      seal: (plain, context) => sealValue(keys[context.kind], plain, context),
      open(sealed, context) {
        // Of a value that names none of them, the error of the first says so.
        const set = find(readKeyId(sealed)) ?? own
        return openValue(set.keys[context.kind], sealed, context)
      },
      sealingWith(keyId) {
        const set = find(keyId)
        if (set !== undefined) return sealingBy(set)
        throw new AppError('ERR_KEY_WRONG', `there is no master key ${keyId}`)
      },
    }
  }

  return sealingBy(own)
}

const noOthers = () => []

function deriveKeys(masterKey: Buffer): KeySet {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new AppError(
      'ERR_KEY_INVALID',
      `the master key has ${masterKey.length} bytes instead of ${MASTER_KEY_BYTES}`,
    )
  }
  const id = derive(masterKey, KEY_ID_LABEL, KEY_ID_BYTES)
  const keyFor = (kind: SealContext['kind']): SealingKey => ({
    id,
    secret: createSecretKey(derive(masterKey, LABELS[kind], SEALING_KEY_BYTES)),
  })
  const keys = {
    'device-secret': keyFor('device-secret'),
    'audit-key': keyFor('audit-key'),
    'key-check': keyFor('key-check'),
  }
  return { id: id.toString('hex'), keys }
}

/** No salt: the master key is uniformly random already (RFC 5869 section 3.1). */
function derive(masterKey: Buffer, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', label, bytes))
}
