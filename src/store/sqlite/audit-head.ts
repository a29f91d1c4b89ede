import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { AuditStamp } from '../../domain/change.ts'
import { damaged } from './row.ts'

/** What the first row follows. */
export const GENESIS: AuditStamp = { seq: 0, hash: '0'.repeat(64) }

/** Hash of one row: HMAC-SHA256 (RFC 2104) over its canonical bytes, 64 hex digits. */
export function auditMac(key: KeyObject, canonical: Buffer): string {
  return createHmac('sha256', key).update(canonical).digest('hex')
}

/**
 * The end of the chain, sealed with a MAC of its own: without it, whoever can write the file could
 * cut the tail and name any earlier row as the end. Putting back an end that was true once, or the
 * whole file, only the copy of seq and hash in the system's log shows.
 */
export function writeAuditHead(key: KeyObject, head: AuditStamp): Buffer {
  return writeStamp(key, 'head', head)
}

/** Throws ERR_STORE_CORRUPT for anything `writeAuditHead` did not write with this key. */
export function readAuditHead(key: KeyObject, bytes: Buffer): AuditStamp {
  return readStamp(key, 'head', bytes)
}

/** What a stamp is the record of: one of either kind is never taken for the other. */
type StampLabel = 'head' | 'tail'

/** A place in the chain with a MAC over it and `label`. */
export function writeStamp(key: KeyObject, label: StampLabel, { seq, hash }: AuditStamp): Buffer {
  const text = `${seq} ${hash}`
  return Buffer.from(`${text} ${auditMac(key, Buffer.from(`${label} ${text}`))}`)
}

/** Throws ERR_STORE_CORRUPT for anything `writeStamp` did not write with this key and label. */
export function readStamp(key: KeyObject, label: StampLabel, bytes: Buffer): AuditStamp {
  const [seq = '', hash = ''] = bytes.toString('latin1').split(' ')
  const stamp = { seq: Number(seq), hash }
  const expected = writeStamp(key, label, stamp)
  if (expected.length !== bytes.length || !timingSafeEqual(expected, bytes)) {
    return damaged(`audit ${label}`)
  }
  return stamp
}
