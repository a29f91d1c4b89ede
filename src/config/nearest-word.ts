/** A word this many edits away, or more than half its length, is a different word and no slip. */
const MOST_EDITS = 3

/** The candidate that `word` was most likely meant to be; `undefined` where none is near. */
export function findNearestWord(word: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined
  let fewest = Math.min(MOST_EDITS, Math.ceil(word.length / 2))
  for (const candidate of candidates) {
    // The lengths alone tell the least number of edits; it also keeps a long key out of the table.
    if (Math.abs(candidate.length - word.length) >= fewest) continue
    const edits = countEdits(word, candidate)
    if (edits >= fewest) continue
    fewest = edits
    nearest = candidate
  }
  return nearest
}

/** Levenshtein distance, one row of the table at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const above = row
    row = [line]
    for (let column = 1; column <= to.length; column++) {
      const kept = (above[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1)
      row.push(Math.min(kept, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1))
    }
  }
  return row.at(-1) ?? 0
}
