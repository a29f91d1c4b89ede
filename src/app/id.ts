import type { RandomBytes } from './ports.ts'

const ID_BYTES = 16

/** A random id: 32 lower-case hex digits. */
export function createId(randomBytes: RandomBytes): string {
  return randomBytes(ID_BYTES).toString('hex')
}
