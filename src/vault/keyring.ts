import { createSecretKey, hkdfSync } from 'node:crypto'
import type { SealContext, Vault } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { KEY_ID_BYTES, openValue, type SealingKey, sealValue } from './envelope.ts'

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

/**
 * The vault over one master key: a key of its own for each purpose (HKDF-SHA256, RFC 5869), so that
 * a value sealed for one never opens for another. Throws ERR_KEY_INVALID unless the key is 32 bytes.
 * The master key is not kept: the caller may overwrite it afterwards.
 */
export function createVault(masterKey: Buffer): Vault {
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
  const keys: Readonly<Record<SealContext['kind'], SealingKey>> = {
    'device-secret': keyFor('device-secret'),
    'audit-key': keyFor('audit-key'),
    'key-check': keyFor('key-check'),
  }
  return {
    keyId: id.toString('hex'),
    seal: (plain, context) => sealValue(keys[context.kind], plain, context),
    open: (sealed, context) => openValue(keys[context.kind], sealed, context),
  }
}

/** No salt: the master key is uniformly random already (RFC 5869 section 3.1). */
function derive(masterKey: Buffer, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', label, bytes))
}
