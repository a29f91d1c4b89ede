import { AppError } from './base/errors.ts'
import { holdFile } from './host/held-file.ts'
import type { Config } from './wire.ts'

/**
 * Whoever holds this is the only one that changes the key, or puts another database under it. Throws
 * ERR_REFUSED where somebody does, or where something else has the name, ERR_OUTPUT_FAILED.
 */
export function holdKeys({ store }: Config): () => void {
  const held = holdFile(`${store.keyFile}.lock`)
  if (held !== undefined) return held.release
  throw new AppError('ERR_REFUSED', 'another run is at the master key or restores a backup', {
    hint: 'wait until it has ended, and look with: otpgate key check',
  })
}

/** The same, but for where nobody can change the key, since nothing can be written beside it. */
export function holdKeysIfChangeable(config: Config): () => void {
  try {
    return holdKeys(config)
  } catch (error) {
    const isFixed = error instanceof AppError && error.code === 'ERR_OUTPUT_FAILED'
    if (isFixed) return () => {}
    throw error
  }
}
