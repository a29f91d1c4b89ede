import type * as Argon2 from 'argon2'
import type { Hasher } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'

/** argon2id, 19 MiB, two passes, one lane: OWASP's first choice; 22 to 31 ms. */
const MEMORY_KIB = 19456
const PASSES = 2
const LANES = 1
const HASH_BYTES = 32

/**
 * The only hashes accepted: a row that somebody edited cannot ask for gigabytes, or for one pass.
 * The reference code writes m,t,p and the package m,p,t; both mean the same.
 */
const STORED_HASH = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${MEMORY_KIB},(t=${PASSES},p=${LANES}|p=${LANES},t=${PASSES})` +
    '\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}$',
)
/** Salt and hash of zeros. No known secret has this hash, and the answer is no in any case. */
const DUMMY_HASH =
  `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}` + `$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** What is used of the argon2 package. */
export type Argon2Functions = Pick<typeof Argon2, 'argon2id' | 'hash' | 'verify'>

/**
 * Slow hashes as PHC strings (argon2id, RFC 9106), made and checked with fixed parameters only.
 * The argon2 package is loaded at the first call: a login with an ordinary code never pays for it.
 * `verify` throws ERR_SEALED_INVALID for a stored hash of any other form.
 */
export function createHasher(load: () => Promise<Argon2Functions> = loadArgon2): Hasher {
  return {
    async hash(secret) {
      const argon2 = await load()
      return argon2.hash(secret, {
        type: argon2.argon2id,
        memoryCost: MEMORY_KIB,
        timeCost: PASSES,
        parallelism: LANES,
        hashLength: HASH_BYTES,
      })
    },
    async verify(hash, secret) {
      const judged = hash ?? DUMMY_HASH
      assertOwnParameters(judged)
      const argon2 = await load()
      const matches = await argon2.verify(judged, secret)
      return hash !== undefined && matches
    },
  }
}

function assertOwnParameters(hash: string): void {
  if (STORED_HASH.test(hash)) return
  throw new AppError('ERR_SEALED_INVALID', 'a stored hash is not one of ours')
}

function loadArgon2(): Promise<Argon2Functions> {
  return import('argon2')
}
