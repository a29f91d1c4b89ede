import type { FileRole, Recipe } from './journal.ts'

/** What is done at once, on the way in and on the way back; `sshd`: it reads its files again. */
export type Step = 'drop-ins' | 'sshd' | 'recipe' | 'service'

/** The files of each step. */
export const STEP_ROLES: Readonly<Record<Step, readonly FileRole[]>> = {
  'drop-ins': ['drop-in', 'break-glass'],
  sshd: [],
  recipe: ['recipe'],
  service: ['service'],
}

/**
 * With keys, sshd first: until PAM follows, its old stack is asked for the second factor, and wants the
 * password behind the key. With passwords, PAM first: that old stack would take the same password twice,
 * from people whom sshd let in by a key alone before. The account line then turns everybody away until
 * sshd asks for both.
 */
export const WAY_IN: Readonly<Record<Recipe, readonly Step[]>> = {
  'key+code': ['drop-ins', 'sshd', 'recipe', 'service'],
  'password+code': ['recipe', 'service', 'drop-ins', 'sshd'],
}

/** One step of the way back, which is only taken after others: half a way must open nothing. */
export interface StepBack {
  readonly step: Step
  readonly after: readonly Step[]
}

/**
 * The other way round, in the order in which steps are taken. What one of them cannot do keeps none
 * from going on but those that would open something, or leave a service without its recipe. Each state
 * in between is as safe for an sshd that starts in it, as after a power cut, so it waits for no watcher.
 */
export const WAY_BACK: Readonly<Record<Recipe, readonly StepBack[]>> = {
  'key+code': [
    { step: 'service', after: [] },
    { step: 'drop-ins', after: ['service'] },
    { step: 'sshd', after: ['service'] },
    { step: 'recipe', after: ['service'] },
  ],
  'password+code': [
    { step: 'drop-ins', after: [] },
    { step: 'sshd', after: [] },
    { step: 'service', after: ['drop-ins', 'sshd'] },
    { step: 'recipe', after: ['service'] },
  ],
}
