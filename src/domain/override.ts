import { DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import { isWithinTerm, type Term } from './term.ts'

/** How long an admin may let somebody in without a code by a date: a year, leap years included. */
export const LONGEST_EXCUSE_SECONDS = 366 * DAY_SECONDS

/** A decision of an admin that stands beside the devices; at most one an account. */
export type Override =
  /** Denied until a device is confirmed: what a reset leaves. */
  | { readonly kind: 'must-enroll'; readonly reason: string | undefined }
  /** Always denied. */
  | { readonly kind: 'suspended'; readonly reason: string | undefined }
  /** No code is needed before `until`. */
  | (Term & { readonly kind: 'waived'; readonly reason: string | undefined })
  /** No code is needed before `until`, so that the person can enroll. */
  | (Term & {
      readonly kind: 'invited'
      readonly reason: string | undefined
      /** Enrolling oneself then takes the invitation code as well. */
      readonly needsCode: boolean
    })

/** The override as far as it holds at `now`: outside its term it is none. */
export function activeOverride(
  override: Override | undefined,
  now: UnixSeconds,
): Override | undefined {
  return override !== undefined && 'until' in override && !isWithinTerm(override, now)
    ? undefined
    : override
}

/** What stands once a device is confirmed: what called for it is over, other decisions are not. */
export function overrideAfterEnrolling(override: Override | undefined): Override | undefined {
  return override?.kind === 'suspended' || override?.kind === 'waived' ? override : undefined
}
