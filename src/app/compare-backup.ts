import type { UnixSeconds } from '../base/time.ts'
import type { KnownAccount } from '../domain/account.ts'
import type { AccountName } from '../domain/name.ts'
import { isSpendable, ONE_TIME_CODE_KINDS, type OneTimeCodeKind } from '../domain/one-time-code.ts'
import { activeOverride, type Override } from '../domain/override.ts'
import type { Past, PastAccount } from '../domain/past.ts'
import { allAccounts } from './check-secrets.ts'
import type { Register } from './ports.ts'

const PAGE = 500

/**
 * Something about one person that a restore would turn back, or that is not as at enrolment.
 *
 * `codes-back`: recovery codes that nothing says are unused still. `bypass-gone`, `invitation-gone`: codes of
 * an admin that do not come back, for the same reason. `device-back`: a device that was removed since.
 * `device-gone`: one that was added since. `counter-back`: a token whose counter nobody knows.
 * `override-back`: what was decided about somebody since is undone. `excuse-back`: the backup lets somebody
 * in without a code, and nobody knows whether it still should. `account-back`, `account-gone`: removed, or
 * new, since. `uid-differs`, `orphaned`: against the passwd database.
 */
export type RestoreFinding = { readonly user: string } & (
  | { readonly kind: 'codes-back' | 'bypass-gone' | 'invitation-gone'; readonly count: number }
  | { readonly kind: 'device-back' | 'device-gone' | 'counter-back'; readonly device: string }
  | {
      readonly kind: 'override-back'
      readonly present: Override | undefined
      readonly saved: Override | undefined
    }
  | { readonly kind: 'excuse-back'; readonly saved: Override }
  | { readonly kind: 'account-back' | 'account-gone' | 'orphaned' }
  | { readonly kind: 'uid-differs'; readonly uid: number; readonly uidNow: number }
)

export interface ComparePorts {
  readonly saved: Register
  readonly past: Past
  /** What is not in the past was taken away since; else nobody knows what became of it. */
  readonly isOurs: boolean
  /** Of everybody in the backup whom the passwd database knows. */
  readonly uids: ReadonlyMap<string, number>
  readonly now: UnixSeconds
}

/** What an admin should know before a backup takes the place of the present. */
export async function compareBackup(ports: ComparePorts): Promise<readonly RestoreFinding[]> {
  const findings: RestoreFinding[] = []
  const names = new Set<string>()
  for await (const saved of allAccounts(ports.saved)) {
    names.add(saved.account.name)
    findings.push(...findIdentity(ports, saved), ...findTurnedBack(ports, saved))
  }
  const gone = [...ports.past.accounts.keys()].filter((name) => !names.has(name))
  return [...findings, ...gone.map((user) => ({ kind: 'account-gone', user }) as const)]
}

/** Everybody in a backup. */
export async function namesIn({ page }: Pick<Register, 'page'>): Promise<readonly AccountName[]> {
  const names: AccountName[] = []
  for (;;) {
    const found = await page(names.at(-1), PAGE)
    if (found.length === 0) return names
    names.push(...found.map(({ account }) => account.name))
  }
}

function findIdentity({ uids }: ComparePorts, { account }: KnownAccount): RestoreFinding[] {
  const { name: user, uid } = account
  const uidNow = uids.get(user)
  if (uidNow === undefined) return [{ kind: 'orphaned', user }]
  return uidNow === uid ? [] : [{ kind: 'uid-differs', user, uid, uidNow }]
}

function findTurnedBack(ports: ComparePorts, saved: KnownAccount): readonly RestoreFinding[] {
  const user = saved.account.name
  const known = ports.past.accounts.get(user)
  if (known === undefined && ports.isOurs) return [{ kind: 'account-back', user }]
  return [
    ...findCodes(ports, saved),
    ...findDevices(ports, saved, known),
    ...findOverride(ports, saved, known),
  ]
}

function findCodes({ past, now }: ComparePorts, saved: KnownAccount): readonly RestoreFinding[] {
  const user = saved.account.name
  const unknown = saved.oneTimeCodes.filter(
    (code) => isSpendable(code, now) && !past.usesLeft.has(code.id),
  )
  return ONE_TIME_CODE_KINDS.flatMap((of) => {
    const count = unknown.filter((code) => code.kind === of).length
    return count === 0 ? [] : [{ kind: CODE_FINDINGS[of], user, count }]
  })
}

const CODE_FINDINGS = {
  recovery: 'codes-back',
  bypass: 'bypass-gone',
  invitation: 'invitation-gone',
} as const satisfies Readonly<Record<OneTimeCodeKind, RestoreFinding['kind']>>

function findDevices(
  { past, isOurs }: ComparePorts,
  { account, devices }: KnownAccount,
  known: PastAccount | undefined,
): readonly RestoreFinding[] {
  const user = account.name
  const there = new Set(known?.devices.map(({ id }) => id))
  const saved = new Set(devices.map(({ id }) => id))
  const back = known === undefined ? [] : devices.filter(({ id }) => !there.has(id))
  const gone = known?.devices.filter(({ id }) => !saved.has(id)) ?? []
  // A token that was removed since is told above: nobody would count it on.
  const uncounted = devices.filter(
    ({ id, kind }) => kind === 'hotp' && !past.marks.has(id) && (there.has(id) || !isOurs),
  )
  return [
    ...back.map(({ label: device }) => ({ kind: 'device-back', user, device }) as const),
    ...gone.map(({ label: device }) => ({ kind: 'device-gone', user, device }) as const),
    ...uncounted.map(({ label: device }) => ({ kind: 'counter-back', user, device }) as const),
  ]
}

/** Who was kept out, let in until another day, or let in no more, by a decision that is undone. */
function findOverride(
  { now }: ComparePorts,
  { account }: KnownAccount,
  known: PastAccount | undefined,
): readonly RestoreFinding[] {
  const user = account.name
  const saved = activeOverride(account.override, now)
  if (known?.override === undefined) {
    const isExcuse = saved?.kind === 'waived' || saved?.kind === 'invited'
    return isExcuse ? [{ kind: 'excuse-back', user, saved }] : []
  }
  const present = activeOverride(known.override.is, now)
  if (sameTerms(present, saved)) return []
  return [{ kind: 'override-back', user, present, saved }]
}

function sameTerms(a: Override | undefined, b: Override | undefined): boolean {
  const until = (it: Override | undefined) => (it && 'until' in it ? it.until : undefined)
  return a?.kind === b?.kind && until(a) === until(b)
}
