/** How many points are struck beside the turns; OTPGATE_TEST_ROUNDS=100 strikes at each. */
const ROUNDS = Number(process.env.OTPGATE_TEST_ROUNDS ?? 3)

/**
 * Each strike takes seconds, and neighbours mostly leave the same behind: of all points those at which
 * one state ends and another begins, the last one, and of what is between them some, evenly.
 */
export function thinOut<T>(
  points: readonly T[],
  isTurn: (point: T) => boolean,
  rounds = ROUNDS,
): readonly T[] {
  const others = points.filter((point) => !isTurn(point))
  const stride = Math.max(1, Math.ceil(others.length / rounds))
  const some = new Set(others.filter((_, index) => index % stride === 0))
  return points.filter((point) => isTurn(point) || some.has(point) || point === points.at(-1))
}
