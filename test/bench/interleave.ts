/**
 * Measures every subject once a round, in turning order, so that a machine that drifts or is busy
 * for a while wrongs them all alike. The first round warms up and does not count.
 */
export async function interleave<Value>(
  subjects: Readonly<Record<string, () => Value | Promise<Value>>>,
  rounds: number,
): Promise<(name: string) => readonly Value[]> {
  const values = new Map<string, Value[]>()
  for (let round = 0; round <= rounds; round++) {
    const entries = Object.entries(subjects)
    for (const [name, measure] of round % 2 === 0 ? entries : entries.toReversed()) {
      const value = await measure()
      if (round > 0) values.set(name, [...(values.get(name) ?? []), value])
    }
  }
  return (name) => values.get(name) ?? []
}
