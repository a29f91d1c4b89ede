import type { ManualFile } from '../page-list.ts'
import { renderBash } from './bash.ts'
import { renderFish } from './fish.ts'
import { renderZsh } from './zsh.ts'

/** The completions, under the names by which the shells look for them. */
export function listCompletions(): readonly ManualFile[] {
  return [
    { name: 'otpgate', text: renderBash() },
    { name: '_otpgate', text: renderZsh() },
    { name: 'otpgate.fish', text: renderFish() },
  ]
}
