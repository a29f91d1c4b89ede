/** How long items wait for others. */
export interface GatherLimit {
  /** In milliseconds, from the first item on. */
  readonly longestMilliseconds: number
  /** Turns of the event loop without a new item after which nobody else is expected. */
  readonly quietTurns: number
  /** Milliseconds since any fixed moment, which never go back. */
  readonly elapsed: () => number
}

/** One turn of the event loop: what arrived in it, and nobody waits for more. */
const ONE_TURN: GatherLimit = { longestMilliseconds: 0, quietTurns: 0, elapsed: () => 0 }

/**
 * Collects items while new ones keep arriving, and hands them over together. A single one is not held
 * up: when a few turns of the event loop bring nothing more, it goes.
 */
export function gather<Item>(
  handOver: (items: readonly Item[]) => void,
  { longestMilliseconds, quietTurns, elapsed }: GatherLimit = ONE_TURN,
): (item: Item) => void {
  let waiting: Item[] = []
  let seen = 0
  let quiet = 0
  let end = 0

  function look(): void {
    quiet = waiting.length === seen ? quiet + 1 : 0
    seen = waiting.length
    if (quiet < quietTurns && elapsed() < end) {
      setImmediate(look)
      return
    }
    const items = waiting
    waiting = []
    handOver(items)
  }

  return (item) => {
    if (waiting.length === 0) {
      seen = 0
      quiet = 0
      end = elapsed() + longestMilliseconds
      setImmediate(look)
    }
    waiting.push(item)
  }
}
