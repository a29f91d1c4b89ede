import { AppError } from '../../../base/errors.ts'

/** Runs `act`; somebody who forgot sudo is told so, whatever it was that they could not read. */
export async function asRoot<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isDenied(error)) throw error
    throw new AppError('ERR_NOT_PERMITTED', 'this is for root only', {
      hint: 'run it with sudo',
      cause: error,
    })
  }
}

function isDenied(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error
  return cause instanceof Error && 'code' in cause && cause.code === 'EACCES'
}
