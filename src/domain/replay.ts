/** What the replay mark of a device says about the steps a code matched. */
export type ReplayVerdict =
  | { readonly kind: 'fresh'; readonly step: number }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'clock-behind' }

/**
 * RFC 6238 section 5.2: a code is accepted once. The mark is the newest accepted step, and only a
 * later step passes, so an older code inside the window is refused as well. A mark beyond the whole
 * window means that the clock went back (or was ahead once): refused too, and never lowered here.
 *
 * `matched`: steps whose code was given, not empty. `newest`: last step of the window.
 */
export function judgeReplay(
  matched: readonly number[],
  lastAcceptedStep: number | undefined,
  newest: number,
): ReplayVerdict {
  const step = matched.find((each) => lastAcceptedStep === undefined || each > lastAcceptedStep)
  if (step !== undefined) return { kind: 'fresh', step }
  const isAhead = lastAcceptedStep !== undefined && lastAcceptedStep > newest
  return { kind: isAhead ? 'clock-behind' : 'replayed' }
}
