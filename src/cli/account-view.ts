import { formatTime, type UnixSeconds } from '../base/time.ts'
import {
  type Account,
  accountStatus,
  countRecoveryCodes,
  type KnownAccount,
} from '../domain/account.ts'
import type { Device } from '../domain/device.ts'
import { isSpendable, type OneTimeCode } from '../domain/one-time-code.ts'
import { activeOverride } from '../domain/override.ts'
import { budgetPolicy } from '../domain/standing.ts'
import {
  judgeThrottle,
  rebaseThrottle,
  type ThrottlePolicy,
  type ThrottleState,
} from '../domain/throttle.ts'

/** What keeps codes of one kind from being judged. */
interface LockView {
  readonly kind: 'waiting' | 'locked'
  /** RFC 3339; `null`: until an admin ends it, or for codes of an app a recovery code. */
  readonly until: string | null
}

/** An account as `show --json` prints it: public, fields are added and never renamed. */
export function accountView(state: KnownAccount, policy: ThrottlePolicy, now: UnixSeconds) {
  const { account, devices, oneTimeCodes } = state
  return {
    user: account.name,
    uid: account.uid,
    ...statusView(account, devices, now),
    devices: devices.map(deviceView),
    recovery_codes_left: countRecoveryCodes(oneTimeCodes),
    bypass_codes: countBypassCodes(oneTimeCodes, now),
    ...throttleView(account, policy, now),
    created_at: formatTime(account.createdAt),
    last_login: optionalTime(account.lastLoginAt),
  }
}

/** What people see, and as far as an admin decided it, why and until when. */
export function statusView(
  account: Account,
  devices: readonly Pick<Device, 'confirmedAt'>[],
  now: UnixSeconds,
) {
  const override = activeOverride(account.override, now)
  const until = override !== undefined && 'until' in override ? override.until : undefined
  return {
    status: accountStatus(override, devices, now),
    status_reason: override?.reason ?? null,
    status_until: optionalTime(until),
    needs_invitation_code: override?.kind === 'invited' && override.needsCode,
  }
}

/** How many an admin has issued that still let somebody in. */
function countBypassCodes(codes: readonly OneTimeCode[], now: UnixSeconds): number {
  return codes.filter((code) => code.kind === 'bypass' && isSpendable(code, now)).length
}

/** What wrong codes have brought on: of the app, of recovery codes, from known sources, outside SSH. */
export function throttleView(
  { throttle: { code, oneTimeCode, knownSource, local } }: Account,
  policy: ThrottlePolicy,
  now: UnixSeconds,
) {
  return {
    failures: code.consecutiveFailures,
    lock: lockView(code, policy, now),
    recovery_failures: oneTimeCode.consecutiveFailures,
    recovery_lock: lockView(oneTimeCode, policy, now),
    known_source_failures: knownSource.consecutiveFailures,
    known_source_lock: lockView(knownSource, budgetPolicy('knownSource', policy), now),
    local_failures: local.consecutiveFailures,
    local_lock: lockView(local, policy, now),
  }
}

function lockView(state: ThrottleState, policy: ThrottlePolicy, now: UnixSeconds): LockView | null {
  const verdict = judgeThrottle(rebaseThrottle(state, now), policy, now)
  switch (verdict.kind) {
    case 'free':
      return null
    case 'waiting':
      return { kind: 'waiting', until: formatTime(verdict.until) }
    case 'locked':
      return { kind: 'locked', until: null }
  }
}

/** RFC 3339, or `null` for never. */
export function optionalTime(at: UnixSeconds | undefined): string | null {
  return at === undefined ? null : formatTime(at)
}

/** A device likewise; `drift`: seconds by which its clock is ahead. */
export function deviceView(device: Device) {
  return {
    label: device.label,
    kind: device.kind,
    digits: device.digits,
    algorithm: device.algorithm,
    period: device.kind === 'totp' ? device.periodSeconds : null,
    drift: device.kind === 'totp' ? device.driftSeconds : null,
    confirmed: device.confirmedAt !== undefined,
    counts: device.confirmedAt !== undefined || device.countsUnconfirmed,
    created_at: formatTime(device.createdAt),
    last_used_at: optionalTime(device.lastUsedAt),
  }
}
