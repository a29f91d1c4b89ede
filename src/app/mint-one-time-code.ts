import {
  formatOneTimeCode,
  ONE_TIME_CODE_BYTES,
  type OneTimeCode,
  toOneTimeCodeParts,
} from '../domain/one-time-code.ts'
import { createId } from './id.ts'
import type { MintPorts } from './recovery-codes.ts'

/** One new code: what is stored, and what is shown once and nowhere kept. */
export interface MintedCode {
  readonly code: OneTimeCode
  /** `XXXX-XXXX-XXXX-XXXX`. */
  readonly shown: string
}

/** Mints a code that an admin hands out. */
export async function mintOneTimeCode(
  ports: MintPorts,
  terms: Pick<OneTimeCode, 'kind' | 'expiresAt' | 'usesLeft' | 'reason'>,
): Promise<MintedCode> {
  const parts = toOneTimeCodeParts(ports.randomBytes(ONE_TIME_CODE_BYTES))
  const code: OneTimeCode = {
    ...terms,
    id: createId(ports.randomBytes),
    selector: parts.selector,
    hash: await ports.hasher.hash(parts.secret),
    createdAt: ports.now(),
    lastUsedAt: undefined,
  }
  return { code, shown: formatOneTimeCode(parts) }
}
