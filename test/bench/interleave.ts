/**
 * Measures every subject once a round, in an order that is drawn anew each time, so that a machine
 * that drifts or is busy for a while wrongs them all alike, and none always comes after the same one.
 * The first round warms up and does not count, unless told otherwise.
 */
export async function interleave<Name extends string, Value>(
  subjects: Readonly<Record<Name, () => Value | Promise<Value>>>,
  rounds: number,
  warmUps: 0 | 1 = 1,
): Promise<(name: Name) => readonly Value[]> {
  const values = new Map<string, Value[]>()
  for (let round = 1 - warmUps; round <= rounds; round++) {
    for (const [name, measure] of shuffle(Object.entries<() => Value | Promise<Value>>(subjects))) {
      const value = await measure()
      if (round > 0) values.set(name, [...(values.get(name) ?? []), value])
    }
  }
  return (name) => values.get(name) ?? []
}

function shuffle<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item)
}
