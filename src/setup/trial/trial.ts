import type { SetupPlaces } from '../ssh/places.ts'

/** The steps of a trial, in their order, as people read them. */
export const TRIAL_STEPS = [
  'sshd takes the settings',
  'sshd answers',
  'an answer that is no code is refused',
  'a key alone is refused',
  'a key and a code log in',
] as const
export type TrialStep = (typeof TRIAL_STEPS)[number]

/** PAM's lines as they are to be. */
export interface TrialPam {
  /** Text of the file of sshd's service, which includes the recipe. */
  readonly service: string
  /** By which name it does so. */
  readonly recipeName: string
  readonly recipe: string
}

/** What is to be tried before anything of the host is changed. */
export interface TrialRequest {
  readonly places: Pick<SetupPlaces, 'sshd' | 'sshdConfig' | 'pamDirectory' | 'stateDirectory'>
  readonly dropIn: string
  readonly pam: TrialPam
  /** Who logs in: the admin. */
  readonly account: string
  /** What the verifier asks for: `[messages] prompt`. */
  readonly prompt: string
  /** A code of theirs, which is used up; `undefined`: the last step is left out. */
  readonly code: Buffer | undefined
  /** Told before each step. */
  readonly onStep?: (step: TrialStep) => void
}

/** What came of it. `loggedIn`: whether a code was at hand, so that the last step was gone as well. */
export type TrialReport =
  | { readonly outcome: 'passed'; readonly loggedIn: boolean }
  | {
      readonly outcome: 'failed'
      readonly step: TrialStep
      readonly what: string
      readonly hint: string
    }
