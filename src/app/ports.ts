import type { UnixSeconds } from '../base/time.ts'
import type { Account, AccountState } from '../domain/account.ts'
import type { AttemptId, Kept } from '../domain/attempt.ts'
import type { AuditRow } from '../domain/audit-event.ts'
import type { Committed, Outcome } from '../domain/change.ts'
import type { BoundDevice, Device } from '../domain/device.ts'
import type { AccountName, Uid } from '../domain/name.ts'
import type { Telling } from '../domain/telling.ts'

/**
 * What one transaction makes of an account's state. Pure: it may run more than once and share its
 * commit with steps of other accounts, so ids and nonces come from outside. `now` is read by the
 * store while it holds the lock: a state from after it means that the clock was set back. `kept`: what
 * the attempt has come to already, where one was named.
 */
export type Step<T> = (state: AccountState, now: UnixSeconds, kept?: Kept) => Outcome<T>

/** The seam to the database: everything that changes goes through here. */
export interface Store {
  /**
   * Runs `step` on one account's state inside one exclusive transaction, saves the changes it
   * returns, and resolves after COMMIT. When it throws, nothing of it is saved.
   */
  transact<T>(name: AccountName, step: Step<T>, attempt?: AttemptId): Promise<Committed<T>>
}

/** One account as lists show it. */
export interface AccountSummary {
  readonly account: Account
  readonly devices: readonly Pick<Device, 'confirmedAt' | 'lastUsedAt'>[]
  readonly recoveryCodesLeft: number
}

/** Denials that share an audit row and are not in it yet. */
export interface CountedDenial {
  readonly reason: string
  readonly since: UnixSeconds
  readonly lastAt: UnixSeconds
  readonly count: number
}

/** Reads accounts. */
export interface Register {
  find(name: AccountName): Promise<AccountState>
  /** The next accounts after `after` in byte order of their names; an empty page is the end. */
  page(after: AccountName | undefined, limit: number): Promise<readonly AccountSummary[]>
  findCountedDenials(name: AccountName): Promise<readonly CountedDenial[]>
}

export interface AuditFilter {
  readonly account?: string
  readonly since?: UnixSeconds
  /** Only logins that an excuse let in. */
  readonly withoutCode?: boolean
}

/**
 * What checking the whole chain found. `problem`: the first place where it does not hold. `pruned`: how
 * many rows went from its front, where any did.
 */
export interface AuditVerification {
  readonly rows: number
  readonly pruned?: number
  readonly problem: { readonly seq: number; readonly what: string } | undefined
}

/** Rows at the front of the log that are old enough to go. */
export interface PrunableRows {
  readonly rows: number
  /** `seq` of the last of them. */
  readonly through: number
}

/** What to prune, and what the record of it says. */
export interface PruneOrder {
  readonly through: number
  /** The time that all of it is from before. */
  readonly before: UnixSeconds
  readonly actor: string
  readonly reason: string | undefined
}

/** Reads the audit log, and takes old rows off its front. */
export interface Journal {
  /** Rows in order of `seq`, at most `limit`, after `afterSeq`. */
  read(filter: AuditFilter, afterSeq: number, limit: number): Promise<readonly AuditRow[]>
  verify(): Promise<AuditVerification>
  /** The same for the newest `rows` alone: whether they follow each other up to the recorded end. */
  verifyEnd(rows: number): Promise<AuditVerification>
  /**
   * When the newest row was written, by the clock of that time, which earlier rows may be ahead of;
   * records of pruning aside. `undefined`: there is none.
   */
  findNewestAt(): Promise<UnixSeconds | undefined>
  /**
   * The rows in front of the first one that is not from before `before`; never the newest row. Rows of
   * after `now`, from a clock that was ahead, hold up nothing behind them. `undefined`: there are none.
   */
  findPrunable(before: UnixSeconds, now: UnixSeconds): Promise<PrunableRows | undefined>
  /**
   * Removes at most `limit` rows from the front, together with a row that records it, and returns how
   * many went: 0 at the end. Throws ERR_STORE_CORRUPT for rows that are not as they were written: what
   * is gone must not be what would have shown it.
   */
  prune(order: PruneOrder, limit: number): Promise<number>
}

/** The audit log as somebody outside is told what it says. No key is needed for it. */
export interface Outbox {
  /** How far it was told; `undefined`: nothing ever was. 'damaged': nobody can tell. */
  read(): Promise<Telling | 'damaged' | undefined>
  save(telling: Telling): Promise<void>
  /** Rows in order of `seq`, at most `limit`, after `afterSeq`. */
  readRows(afterSeq: number, limit: number): Promise<readonly AuditRow[]>
  /** 0: there is no row. */
  findLastSeq(): Promise<number>
}

/** How many rows of one kind went. `what`: one of them, in words. */
export interface Removal {
  readonly what: string
  readonly rows: number
}

/** How many counts of denials were ended, and how many of them the log did not have yet. */
export interface EndedCounts {
  readonly ended: number
  readonly recorded: number
}

/** Takes out what has had its time. Each call holds the lock for a moment only. */
export interface Upkeep {
  /** Removes at most `limit` rows of each kind that nobody can use any more. */
  removeExpired(limit: number): Promise<readonly Removal[]>
  /** Ends at most `limit` counts of denials past their hour; what no row says yet gets one. */
  endDenialCounts(limit: number): Promise<EndedCounts>
  /** Moves what was written last into the main file; `false`: others were in the way of some of it. */
  checkpoint(): Promise<boolean>
  /** Notes that all of it was done just now. */
  noteDone(): Promise<void>
  /** When that was last noted; `undefined`: it never was. */
  findDoneAt(): Promise<UnixSeconds | undefined>
}

/** Lets others write, who wait for the lock. */
export type Pause = () => Promise<void>

/** One person as the passwd database has them (getpwnam(3)). */
export interface PasswdEntry {
  readonly name: AccountName
  readonly uid: Uid
}

/** The passwd database of the host, LDAP and SSSD included (nsswitch.conf(5)). */
export interface Passwd {
  /**
   * `undefined`: there is no such user. Throws ERR_PASSWD_FAILED where that could not be found out.
   * `evenly`: the time does not tell whether there is.
   */
  findByName(name: string, manner?: 'quickly' | 'evenly'): PasswdEntry | undefined
  /** Names of the group's members, primary and supplementary; `undefined`: no such group. */
  findGroupMembers(group: string): readonly string[] | undefined
  /**
   * How the person stands to the groups `among`, primary and supplementary; nothing is looked up
   * where there are none. Throws ERR_PASSWD_FAILED where that could not be found out.
   */
  findGroups(entry: PasswdEntry, among: readonly string[]): Membership
}

/** Of some groups, those that somebody is in, and those that nobody can be in. */
export interface Membership {
  readonly joined: readonly string[]
  /** Not there; a directory that is down looks the same. */
  readonly missing: readonly string[]
}

/** The login passwords of the host itself (shadow(5)). */
export interface PasswordCheck {
  /**
   * Whether `password` is the person's, who is not locked. Takes one run of the host's own program,
   * also for nobody, with whom no password is right. Throws ERR_PASSWORD_CHECK_FAILED where that could
   * not be found out, as for a password that is kept elsewhere.
   */
  isRight(name: AccountName | undefined, password: Buffer): boolean
}

/** What a sealed value belongs to. Bound into it as associated data: it opens nowhere else. */
export type SealContext =
  | {
      readonly kind: 'device-secret'
      readonly account: AccountName
      readonly uid: Uid
      readonly device: BoundDevice
    }
  | { readonly kind: 'audit-key' }
  | { readonly kind: 'key-check' }

/** Secrets at rest. */
export interface Vault {
  /** Id of the key that `seal` uses: 8 lower-case hex digits. */
  readonly keyId: string
  /** Seals `plain`; the result carries its format version and key id. */
  seal(plain: Uint8Array, context: SealContext): Buffer
  /** Throws ERR_KEY_WRONG for another key's id, ERR_SEALED_INVALID for anything else that does not open. */
  open(sealed: Uint8Array, context: SealContext): Buffer
}

/** Slow hashes for one-time codes (argon2id, RFC 9106). */
export interface Hasher {
  /** PHC string of `secret`. */
  hash(secret: string): Promise<string>
  /** Whether `secret` is the one behind `hash`. Without a hash it spends the same work and answers no. */
  verify(hash: string | undefined, secret: string): Promise<boolean>
}

export type Now = () => UnixSeconds
export type RandomBytes = (count: number) => Buffer

/** Severity of a line in the authpriv log (syslog(3)). */
export type LogPriority = 'info' | 'notice' | 'warning' | 'err' | 'alert'

/** What the logs are told about one login. None of it is secret. */
export interface LogRecord {
  readonly priority: LogPriority
  /** What the login came to, such as `denied`; `error` where something is broken. */
  readonly outcome: string
  /** In the order of the line. Printable ASCII, without quotation marks and equals signs. */
  readonly fields: Readonly<Record<string, string>>
}

/** Never throws: a full log must not decide a login. */
export type LogAuth = (record: LogRecord) => void
