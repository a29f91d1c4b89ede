import { plural } from '../../src/base/text.ts'
import type { Screen } from './screen.ts'

/** What a step came to. */
export interface Finding {
  readonly isExpected: boolean
  /** Such as `refused, as it should be`. */
  readonly happened: string
}

export interface StepText {
  readonly title: string
  /** Why it matters, in a sentence or two. */
  readonly why: string
}

/** Runs steps, tells about each, and counts. */
export interface Tally {
  /** Passes on what `act` returns; what it throws ends the demo. */
  step<T extends Finding>(text: StepText, act: () => Promise<T>): Promise<T>
  /** Prints the total; whether every step went as expected. */
  total(): boolean
}

/** A tally that starts at step 1. */
export function createTally(screen: Screen): Tally {
  let steps = 0
  const failed: string[] = []
  return {
    step: async ({ title, why }, act) => {
      const heading = `${++steps}. ${title}`
      screen.heading(heading)
      const finding = await act()
      screen.verdict(finding.isExpected, finding.happened)
      screen.say(why, 'indented')
      screen.gap()
      if (!finding.isExpected) failed.push(heading)
      return finding
    },
    total: () => {
      const count = plural(steps, 'step')
      if (failed.length === 0) screen.title(`${count}, all as expected.`)
      else screen.title(`${count}, ${failed.length} not as expected:`)
      for (const heading of failed) screen.say(heading, 'indented')
      return failed.length === 0
    },
  }
}
