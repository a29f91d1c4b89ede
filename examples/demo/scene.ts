import type { Admin } from './admin.ts'
import type { Person } from './person.ts'
import type { Screen } from './screen.ts'
import type { Stage } from './stage.ts'

/** What every step works with. */
export interface Scene {
  readonly screen: Screen
  readonly stage: Stage
  readonly admin: Admin
  readonly person: Person
  /** What otpgate has decided about codes so far, in order: the audit log must say the same. */
  readonly decisions: ('accepted' | 'denied')[]
}
