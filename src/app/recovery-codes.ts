import {
  formatOneTimeCode,
  ONE_TIME_CODE_BYTES,
  type OneTimeCode,
  type OneTimeCodeParts,
  RECOVERY_CODES,
  toOneTimeCodeParts,
} from '../domain/one-time-code.ts'
import { createId } from './id.ts'
import type { Hasher, Now, RandomBytes } from './ports.ts'

/** New recovery codes: what is stored, and what is shown once and nowhere kept. */
export interface MintedCodes {
  readonly codes: readonly OneTimeCode[]
  /** `XXXX-XXXX-XXXX-XXXX` each. */
  readonly shown: readonly string[]
}

export interface MintPorts {
  readonly hasher: Hasher
  readonly randomBytes: RandomBytes
  readonly now: Now
}

/** Mints ten recovery codes; takes a few hundred milliseconds, all of it in the hashes. */
export async function mintRecoveryCodes(ports: MintPorts): Promise<MintedCodes> {
  const createdAt = ports.now()
  const parts = drawParts(ports.randomBytes, RECOVERY_CODES)
  const codes = await Promise.all(
    parts.map(async ({ selector, secret }): Promise<OneTimeCode> => {
      return {
        id: createId(ports.randomBytes),
        kind: 'recovery',
        selector,
        hash: await ports.hasher.hash(secret),
        createdAt,
        expiresAt: undefined,
        usesLeft: 1,
        lastUsedAt: undefined,
        reason: undefined,
      }
    }),
  )
  return { codes, shown: parts.map(formatOneTimeCode) }
}

/** Selectors are unique within an account, so that one attempt compares one hash. */
function drawParts(randomBytes: RandomBytes, count: number): readonly OneTimeCodeParts[] {
  const drawn = new Map<string, OneTimeCodeParts>()
  while (drawn.size < count) {
    const parts = toOneTimeCodeParts(randomBytes(ONE_TIME_CODE_BYTES))
    drawn.set(parts.selector, parts)
  }
  return [...drawn.values()]
}
