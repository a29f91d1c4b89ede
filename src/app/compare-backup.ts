import type { UnixSeconds } from '../base/time.ts'
import type { KnownAccount } from '../domain/account.ts'
import { isSpendable } from '../domain/one-time-code.ts'
import { activeOverride } from '../domain/override.ts'
import { allAccounts } from './check-secrets.ts'
import type { Passwd, Register } from './ports.ts'

/** Something about one person that a restore would turn back, or that is not as at enrolment. */
export interface RestoreFinding {
  readonly kind: RestoreFindingKind
  readonly user: string
  /** A device's label, an override, or how many codes. */
  readonly detail: string
}

/**
 * `codes-back`: recovery and bypass codes that are gone now, used up or replaced. `device-back`: a
 * device that was removed since. `counter-back`: a token whose counter nobody knows. `override-back`:
 * a decision to keep somebody out was made since. `account-back`, `account-gone`: removed, or new,
 * since. `uid-differs`, `orphaned`: against the passwd database.
 */
export type RestoreFindingKind =
  | 'codes-back'
  | 'device-back'
  | 'counter-back'
  | 'override-back'
  | 'account-back'
  | 'account-gone'
  | 'uid-differs'
  | 'orphaned'

export interface ComparePorts {
  readonly saved: Register
  /** `undefined`: there is no database that could be compared. */
  readonly present: Register | undefined
  readonly passwd: Pick<Passwd, 'findByName'>
  readonly now: UnixSeconds
}

/** What an admin should know before a backup takes the place of the present. */
export async function compareBackup(ports: ComparePorts): Promise<readonly RestoreFinding[]> {
  const findings: RestoreFinding[] = []
  for await (const saved of allAccounts(ports.saved)) {
    findings.push(...findIdentity(ports, saved))
    findings.push(...(await findTurnedBack(ports, saved)))
  }
  if (ports.present === undefined) return findings
  for await (const { account } of allAccounts(ports.present)) {
    const saved = await ports.saved.find(account.name)
    if (saved.kind === 'known') continue
    findings.push({ kind: 'account-gone', user: account.name, detail: '' })
  }
  return findings
}

function findIdentity({ passwd }: ComparePorts, { account }: KnownAccount): RestoreFinding[] {
  const entry = passwd.findByName(account.name)
  const user = account.name
  if (entry === undefined) return [{ kind: 'orphaned', user, detail: '' }]
  if (entry.uid === account.uid) return []
  return [{ kind: 'uid-differs', user, detail: `uid ${account.uid}, now uid ${entry.uid}` }]
}

async function findTurnedBack(
  { present, now }: ComparePorts,
  saved: KnownAccount,
): Promise<readonly RestoreFinding[]> {
  const user = saved.account.name
  const spendable = saved.oneTimeCodes.filter((code) => isSpendable(code, now))
  if (present === undefined) return [...codesBack(user, spendable), ...countersBack(saved)]
  const state = await present.find(user)
  if (state.kind === 'never-known') return [{ kind: 'account-back', user, detail: '' }]
  const codes = new Set(state.oneTimeCodes.map(({ id }) => id))
  const devices = new Set(state.devices.map(({ id }) => id))
  const gone = saved.devices.filter(({ id }) => !devices.has(id))
  return [
    ...codesBack(
      user,
      spendable.filter(({ id }) => !codes.has(id)),
    ),
    ...gone.map(({ label: detail }) => ({ kind: 'device-back', user, detail }) as const),
    ...overrideBack(saved, state, now),
  ]
}

function codesBack(user: string, codes: readonly unknown[]): readonly RestoreFinding[] {
  return codes.length === 0 ? [] : [{ kind: 'codes-back', user, detail: String(codes.length) }]
}

function countersBack({ account, devices }: KnownAccount): readonly RestoreFinding[] {
  return devices
    .filter(({ kind }) => kind === 'hotp')
    .map(({ label: detail }) => ({ kind: 'counter-back', user: account.name, detail }))
}

/** Who was kept out, or never let in without a code, by a decision that the backup does not have. */
function overrideBack(
  saved: KnownAccount,
  present: KnownAccount,
  now: UnixSeconds,
): readonly RestoreFinding[] {
  const was = activeOverride(saved.account.override, now)?.kind
  const is = activeOverride(present.account.override, now)?.kind
  if (was === is) return []
  const detail = `${is ?? 'nothing'} now, ${was ?? 'nothing'} in the backup`
  return [{ kind: 'override-back', user: saved.account.name, detail }]
}
