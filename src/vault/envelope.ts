import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import type { SealContext } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'

const FORMAT_VERSION = 1
const CIPHER = 'aes-256-gcm'
const VERSION_BYTES = 1
/** A key id is this long in a sealed value; as text it is twice as many hex digits. */
export const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = VERSION_BYTES + KEY_ID_BYTES + NONCE_BYTES

/** A 32-byte key for one purpose (bytes would be checked anew at each use, at 20 us), and the id of the master key it comes from. */
export interface SealingKey {
  readonly id: Buffer
  readonly secret: KeyObject
}

/**
 * Seals one value with AES-256-GCM (NIST SP 800-38D):
 * version (1) | key id (4) | nonce (12) | ciphertext | tag (16).
 * Nonces are random, which is sound for 2^32 values under a key.
 */
export function sealValue(key: SealingKey, plain: Uint8Array, context: SealContext): Buffer {
  const header = Buffer.concat([Buffer.of(FORMAT_VERSION), key.id, randomBytes(NONCE_BYTES)])
  const cipher = createCipheriv(CIPHER, key.secret, nonceOf(header), { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedData(header, context))
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens what `sealValue` made. Throws ERR_KEY_WRONG where the value names another key, and
 * ERR_SEALED_INVALID for an unknown version, a cut value, another context or any changed bit.
 */
export function openValue(key: SealingKey, sealed: Uint8Array, context: SealContext): Buffer {
  const value = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (value.length < HEADER_BYTES + TAG_BYTES || value[0] !== FORMAT_VERSION) {
    throw new AppError('ERR_SEALED_INVALID', 'a sealed value has an unknown format')
  }
  const header = value.subarray(0, HEADER_BYTES)
  if (!header.subarray(VERSION_BYTES, VERSION_BYTES + KEY_ID_BYTES).equals(key.id)) {
    throw new AppError('ERR_KEY_WRONG', 'a sealed value belongs to another master key', {
      hint: 'put back the key file this database was made with',
    })
  }
  const decipher = createDecipheriv(CIPHER, key.secret, nonceOf(header), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(associatedData(header, context))
  decipher.setAuthTag(value.subarray(-TAG_BYTES))
  const unproven = decipher.update(value.subarray(HEADER_BYTES, -TAG_BYTES))
  try {
    // What update() gave is not authentic before final() has agreed: nothing leaves until then.
    return Buffer.concat([unproven, decipher.final()])
  } catch (cause) {
    throw new AppError('ERR_SEALED_INVALID', 'a sealed value was changed or moved', { cause })
  } finally {
    unproven.fill(0)
  }
}

/** The id of the master key that a sealed value names, without opening it: 8 hex digits. */
export function readKeyId(sealed: Uint8Array): string {
  return Buffer.from(sealed.slice(VERSION_BYTES, VERSION_BYTES + KEY_ID_BYTES)).toString('hex')
}

function nonceOf(header: Buffer): Buffer {
  return header.subarray(VERSION_BYTES + KEY_ID_BYTES)
}

/** Every field with its length in front: no two contexts, however named, encode to the same bytes. */
function associatedData(header: Buffer, context: SealContext): Buffer {
  const fields = [header, ...contextFields(context).map((field) => Buffer.from(field, 'utf8'))]
  return Buffer.concat(fields.flatMap((field) => [lengthOf(field), field]))
}

function contextFields(context: SealContext): readonly string[] {
  if (context.kind !== 'device-secret') return [context.kind]
  const { kind, account, uid, device } = context
  const { id, algorithm, digits } = device
  const period = device.kind === 'totp' ? [String(device.periodSeconds)] : []
  return [kind, account, String(uid), id, device.kind, algorithm, String(digits), ...period]
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(field.length)
  return length
}
