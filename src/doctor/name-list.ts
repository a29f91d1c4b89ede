import { toPrintable } from '../base/text.ts'

const SHOWN_NAMES = 5

/** `alice, bob and 3 more`. */
export function listNames(names: readonly string[]): string {
  const shown = names
    .slice(0, SHOWN_NAMES)
    .map((name) => toPrintable(name))
    .join(', ')
  const more = names.length - SHOWN_NAMES
  return more > 0 ? `${shown} and ${more} more` : shown
}
