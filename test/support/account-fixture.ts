import { toUnixSeconds } from '../../src/base/time.ts'
import type { Account, KnownAccount, NeverKnownAccount } from '../../src/domain/account.ts'
import type { Device, HotpDevice, TotpDevice } from '../../src/domain/device.ts'
import type { AccountName, Uid } from '../../src/domain/name.ts'
import type { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { HOTP_KEY } from '../vectors/rfc4226.ts'

/** The first second of a 30 s step, in 2027. */
export const NOW = toUnixSeconds(1_800_000_000)
export const SECRET = Buffer.from(HOTP_KEY)

/** A login name as if the passwd database had given it. */
export function toAccountName(name: string): AccountName {
  return name as AccountName
}

/** A user id as if the passwd database had given it. */
export function toUid(uid: number): Uid {
  return uid as Uid
}

export const ALICE = toAccountName('alice')
export const ALICE_UID = toUid(1000)
export const NEVER_KNOWN: NeverKnownAccount = { kind: 'never-known', tickets: [] }

const ANY_DEVICE = {
  id: '0'.repeat(32),
  label: 'phone',
  algorithm: 'SHA1',
  digits: 6,
  sealedSecret: SECRET,
  keyId: '00000000',
  lastAcceptedStep: undefined,
  createdAt: NOW,
  confirmedAt: NOW,
  countsUnconfirmed: false,
  lastUsedAt: undefined,
} as const

/** A confirmed phone whose "sealed" secret is `SECRET` in the clear: see `openPlain`. */
export function buildDevice(fields: Partial<TotpDevice> = {}): TotpDevice {
  return { ...ANY_DEVICE, kind: 'totp', periodSeconds: 30, driftSeconds: 0, ...fields }
}

/** A confirmed button with the same secret. */
export function buildButton(fields: Partial<HotpDevice> = {}): HotpDevice {
  return { ...ANY_DEVICE, id: '1'.repeat(32), label: 'button', kind: 'hotp', ...fields }
}

/** Opens the secret of a built device: a copy, since the caller overwrites it. */
export function openPlain(device: Device): Buffer {
  return Buffer.from(device.sealedSecret)
}

/** The code that a built device shows `stepsFromNow` steps after `now`; a button counts from 0. */
export function codeOf(device: Device, now: number = NOW, stepsFromNow = 0): string {
  const current = device.kind === 'totp' ? stepAt(toUnixSeconds(now), device.periodSeconds) : 0
  return generateCode(openPlain(device), device, Math.max(0, current + stepsFromNow))
}

/** Six digits that no step of the device near `now` shows. */
export function wrongCodeFor(devices: readonly Device[], now: number = NOW): string {
  const near = Array.from({ length: 21 }, (_, index) => index - 10)
  const right = new Set(devices.flatMap((device) => near.map((by) => codeOf(device, now, by))))
  return ['777777', '333333', '555555', '999999'].find((code) => !right.has(code)) ?? '888888'
}

export function buildAccount(fields: Partial<Account> = {}): Account {
  return {
    name: ALICE,
    uid: ALICE_UID,
    override: undefined,
    throttle: {
      code: FRESH_THROTTLE,
      oneTimeCode: FRESH_THROTTLE,
      knownSource: FRESH_THROTTLE,
      local: FRESH_THROTTLE,
    },
    createdAt: NOW,
    enrolledAt: NOW,
    lastLoginAt: undefined,
    ...fields,
  }
}

/** Alice with one confirmed phone, unless told otherwise. */
export function buildKnown(fields: Partial<KnownAccount> = {}): KnownAccount {
  return {
    kind: 'known',
    account: buildAccount(),
    devices: [buildDevice()],
    oneTimeCodes: [],
    sources: [],
    tickets: [],
    ...fields,
  }
}

/** An unused recovery code with the selector `SEL0`; its hash is only a name here. */
export function buildRecoveryCode(fields: Partial<OneTimeCode> = {}): OneTimeCode {
  return {
    id: 'c0'.repeat(16),
    kind: 'recovery',
    selector: 'SEL0',
    hash: 'hash of SEL0',
    createdAt: NOW,
    expiresAt: undefined,
    usesLeft: 1,
    lastUsedAt: undefined,
    reason: undefined,
    ...fields,
  }
}
