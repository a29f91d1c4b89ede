const GROUP_LENGTH = 4

/** A secret in groups of four, to be typed into an app that cannot scan: `JBSW Y3DP EHPK 3PXP`. */
export function renderGroupedKey(secretBase32: string): string {
  const groups: string[] = []
  for (let start = 0; start < secretBase32.length; start += GROUP_LENGTH) {
    groups.push(secretBase32.slice(start, start + GROUP_LENGTH))
  }
  return groups.join(' ')
}
