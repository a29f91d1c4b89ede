import type { AccountState } from '../domain/account.ts'
import type { OneTimeCode, OneTimeCodeKind } from '../domain/one-time-code.ts'

/** By then something other than chance is wrong: one time in 100,000 a selector is taken. */
const TRIES = 5

class SelectorTaken extends Error {}

/**
 * Runs `act`, which mints codes and saves them by a step that calls `assertFreeSelectors`, and again
 * with others where that found one taken. Nothing of such a run has been saved.
 */
export async function mintAgain<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof SelectorTaken) || attempt === TRIES) throw error
    }
  }
}

/** `kept`: the account's codes that stay. A selector names one code, so that one attempt is one hash. */
export function assertFreeSelectors(
  kept: readonly OneTimeCode[],
  minted: readonly OneTimeCode[],
): void {
  const taken = kept.map(({ selector }) => selector)
  if (minted.some(({ selector }) => taken.includes(selector))) {
    throw new SelectorTaken('the selector of a new code is taken')
  }
}

/** The account's codes that stay where all of one kind are replaced. */
export function keptBeside(state: AccountState, replaced: OneTimeCodeKind): readonly OneTimeCode[] {
  return state.kind === 'known' ? state.oneTimeCodes.filter(({ kind }) => kind !== replaced) : []
}
