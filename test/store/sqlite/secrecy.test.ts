import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { enrollDevice } from '../../../src/app/enroll-device.ts'
import { encodeBase32, RFC4648_ALPHABET } from '../../../src/base/base32.ts'
import { parseOneTimeCode } from '../../../src/domain/one-time-code.ts'
import { createHasher } from '../../../src/vault/hasher.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, at, parseUid } from '../sample.ts'
import { initFile, MASTER_KEY, openFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()

/** All that the database, its WAL and its index hold at this moment. */
function readFiles(): Buffer {
  return Buffer.concat(readdirSync(scratch()).map((name) => readFileSync(scratch(name))))
}

/** The ways in which bytes may have been written down. */
function formsOf(bytes: Buffer): readonly Buffer[] {
  const texts = [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeBase32(bytes, RFC4648_ALPHABET),
    encodeBase32(bytes, RFC4648_ALPHABET).toLowerCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
  return [bytes, ...texts.map((text) => Buffer.from(text))]
}

/** The audit key, as only the master key opens it. */
function readAuditKey(): Buffer {
  let sealed: unknown
  tamper(scratch('a.db'), (db) => {
    sealed = db.prepare("SELECT value FROM meta WHERE key = 'audit_key'").pluck().get()
  })
  if (!Buffer.isBuffer(sealed)) return expect.unreachable('no audit key')
  return createVault(MASTER_KEY).open(sealed, { kind: 'audit-key' })
}

async function enrollAlice(secret: Buffer) {
  const { store, close } = openFile(scratch('a.db'))
  const vault = createVault(MASTER_KEY)
  const ports = { store, vault, hasher: createHasher(), randomBytes, now: () => at(0) }
  const { device, recoveryCodes } = await enrollDevice(ports, {
    entry: { name: ALICE, uid: parseUid(1000) },
    actor: 'root',
    label: 'phone',
    parameters: { kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 },
    secret: Buffer.from(secret),
    countsUnconfirmed: true,
    mintCodes: true,
  })
  return { device, recoveryCodes, close }
}

test('no secret stands in the clear in the database or its log', async () => {
  initFile(scratch('a.db'))
  const secret = randomBytes(20)
  const { device, recoveryCodes, close } = await enrollAlice(secret)
  const parts = recoveryCodes.map((code) => parseOneTimeCode(code))
  const secretParts = parts.map((part) => part?.secret ?? expect.unreachable('not a code'))
  const shown = [...recoveryCodes, ...secretParts, ...secretParts.map((text) => text.toLowerCase())]
  const hidden = [
    ...[secret, MASTER_KEY, readAuditKey()].flatMap(formsOf),
    ...shown.map((text) => Buffer.from(text)),
    ...secretParts.flatMap((text) => formsOf(Buffer.from(text))),
  ]
  expect(readdirSync(scratch())).toContain('a.db-wal')
  const whileOpen = readFiles()
  close()
  expect(readdirSync(scratch())).toEqual(['a.db'])
  for (const files of [whileOpen, readFiles()]) {
    expect(hidden.filter((form) => files.includes(form))).toEqual([])
    // What is kept in the clear is found: the search does see what is there.
    expect(files.includes(device.sealedSecret)).toBe(true)
    expect(parts.every((part) => files.includes(part?.selector ?? '?'))).toBe(true)
  }
})
