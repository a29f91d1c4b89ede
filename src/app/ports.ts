import type { UnixSeconds } from '../base/time.ts'
import type { AccountName, Uid } from '../domain/name.ts'

/** One person as the passwd database has them (getpwnam(3)). */
export interface PasswdEntry {
  readonly name: AccountName
  readonly uid: Uid
  readonly home: string
  readonly shell: string
}

/** The passwd database of the host, LDAP and SSSD included (nsswitch.conf(5)). */
export interface Passwd {
  /** `undefined`: there is no such user. Throws ERR_PASSWD_FAILED where that could not be found out. */
  findByName(name: string): PasswdEntry | undefined
  /** Names of the group's members, primary and supplementary; `undefined`: no such group. */
  findGroupMembers(group: string): readonly string[] | undefined
}

/** What a sealed value belongs to. Bound into it as associated data: it opens nowhere else. */
export type SealContext =
  | {
      readonly kind: 'device-secret'
      readonly account: AccountName
      readonly uid: Uid
      readonly deviceId: string
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
