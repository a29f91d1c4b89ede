import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AuditStamp } from '../../domain/change.ts'
import { damaged } from './row.ts'

/** What the first row follows. */
export const GENESIS: AuditStamp = { seq: 0, hash: '0'.repeat(64) }

/** Hash of one row: HMAC-SHA256 (RFC 2104) over its canonical bytes, 64 hex digits. */
export function auditMac(key: Buffer, canonical: Buffer): string {
  return createHmac('sha256', key).update(canonical).digest('hex')
}

/**
 * The end of the chain, sealed with a MAC of its own: without it, whoever can write the file could
 * cut the tail and name any earlier row as the end. Putting back an end that was true once, or the
 * whole file, only the copy of seq and hash in the system's log shows.
 */
export function writeAuditHead(key: Buffer, head: AuditStamp): Buffer {
  const text = `${head.seq} ${head.hash}`
  return Buffer.from(`${text} ${auditMac(key, Buffer.from(`head ${text}`))}`)
}

/** Throws ERR_STORE_CORRUPT for anything `writeAuditHead` did not write with this key. */
export function readAuditHead(key: Buffer, bytes: Buffer): AuditStamp {
  const [seq = '', hash = ''] = bytes.toString('latin1').split(' ')
  const head = { seq: Number(seq), hash }
  const expected = writeAuditHead(key, head)
  if (expected.length !== bytes.length || !timingSafeEqual(expected, bytes)) {
    return damaged('audit head')
  }
  return head
}
