import { createHash } from 'node:crypto'
import type { Hasher } from '../../src/app/ports.ts'

export interface QuickHasher extends Hasher {
  /** Hashes that were compared with, in order; `undefined` where there was none to compare with. */
  readonly compared: readonly (string | undefined)[]
  /** Runs once, while the next comparison is on: what other logins and admins do meanwhile. */
  meanwhile(act: () => Promise<unknown>): void
}

/** A hasher without the cost, which counts what it is asked for. */
export function createQuickHasher(): QuickHasher {
  const compared: (string | undefined)[] = []
  const acts: (() => Promise<unknown>)[] = []
  const digest = (secret: string) => createHash('sha256').update(secret).digest('hex')
  return {
    compared,
    meanwhile: (act) => acts.push(act),
    hash: async (secret) => digest(secret),
    verify: async (hash, secret) => {
      compared.push(hash)
      await acts.pop()?.()
      return hash === digest(secret)
    },
  }
}
