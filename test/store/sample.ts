import { toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { Account, KnownAccount } from '../../src/domain/account.ts'
import type { AttemptId } from '../../src/domain/attempt.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import type { Change, Outcome } from '../../src/domain/change.ts'
import type { HotpDevice, TotpDevice } from '../../src/domain/device.ts'
import type { KnownSource } from '../../src/domain/known-source.ts'
import type { AccountName, Uid } from '../../src/domain/name.ts'
import type { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { hashConnection, type Ticket } from '../../src/domain/ticket.ts'

export const ALICE = parseName('alice')
export const BOB = parseName('bob')

/** Seconds after a fixed moment in 2026. */
export function at(seconds: number): UnixSeconds {
  return toUnixSeconds(1_790_000_000 + seconds)
}

/** Any text as a name: the store takes what the passwd database may hold. */
export function parseName(text: string): AccountName {
  return text as AccountName
}

export function parseUid(value: number): Uid {
  return value as Uid
}

/** Of an account that nothing was ever charged to. */
export const FRESH_THROTTLES: Account['throttle'] = {
  code: FRESH_THROTTLE,
  oneTimeCode: FRESH_THROTTLE,
  knownSource: FRESH_THROTTLE,
  local: FRESH_THROTTLE,
}

/** The state right after `createAccount`. */
export function freshAccount(name: AccountName, fields: Partial<Account> = {}): KnownAccount {
  const account: Account = {
    name,
    uid: parseUid(1000),
    override: undefined,
    throttle: FRESH_THROTTLES,
    createdAt: at(0),
    enrolledAt: undefined,
    lastLoginAt: undefined,
    ...fields,
  }
  return { kind: 'known', account, devices: [], oneTimeCodes: [], sources: [], tickets: [] }
}

/** An unconfirmed device that has seen no code yet. */
export function sampleDevice(fields: Partial<TotpDevice> = {}): TotpDevice {
  return {
    id: 'd1'.repeat(16),
    label: 'phone',
    kind: 'totp',
    algorithm: 'SHA1',
    digits: 6,
    periodSeconds: 30,
    driftSeconds: 0,
    sealedSecret: Buffer.from([1, 0, 255, 39]),
    keyId: '00112233',
    lastAcceptedStep: undefined,
    createdAt: at(1),
    confirmedAt: undefined,
    countsUnconfirmed: false,
    lastUsedAt: undefined,
    ...fields,
  }
}

/** A button with the same secret, under a label of its own. */
export function sampleButton(fields: Partial<HotpDevice> = {}): HotpDevice {
  const { periodSeconds, driftSeconds, ...common } = sampleDevice()
  return { ...common, id: 'd2'.repeat(16), label: 'button', kind: 'hotp', ...fields }
}

/** An attempt by the digit it is written with. */
export function sampleAttempt(digit: string): AttemptId {
  return digit.repeat(32) as AttemptId
}

/** A source that a right code came from a while ago. */
export function sampleSource(fields: Partial<KnownSource> = {}): KnownSource {
  return {
    network: '198.51.100.7',
    firstFactor: 'publickey SHA256:key',
    lastSuccessAt: at(5),
    rememberedAt: at(4),
    ...fields,
  }
}

/** A recovery code that was never used and does not expire. */
export function sampleCode(fields: Partial<OneTimeCode> = {}): OneTimeCode {
  return {
    id: 'c1'.repeat(16),
    kind: 'recovery',
    selector: 'ABCD',
    hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    createdAt: at(1),
    expiresAt: undefined,
    usesLeft: 1,
    lastUsedAt: undefined,
    reason: undefined,
    ...fields,
  }
}

export function sampleTicket(connection: string, fields: Partial<Ticket> = {}): Ticket {
  return {
    connection: hashConnection(connection),
    method: 'totp',
    provesFirstFactor: false,
    expiresAt: at(150),
    ...fields,
  }
}

export function sampleEvent(fields: Partial<AuditEvent> = {}): AuditEvent {
  return { at: at(0), actor: 'pam', action: 'login', outcome: 'accepted', ...fields }
}

export const CREATE = {
  kind: 'create-account',
  uid: parseUid(1000),
  at: at(0),
} as const satisfies Change

export function audit(fields: Partial<AuditEvent> = {}): Change {
  return { kind: 'append-audit', event: sampleEvent(fields) }
}

/** A step that wants these changes whatever the state is. */
export function always(...changes: readonly Change[]): () => Outcome<undefined> {
  return () => ({ changes, result: undefined })
}
