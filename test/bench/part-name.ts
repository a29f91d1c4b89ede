/** The parts of a run, in their order; each is a file of part/. */
export const PART_NAMES = [
  'verifier-start',
  'side-by-side',
  'slow-disk',
  'ssh-login',
  'group-commit',
  'enrolment',
  'store-size',
  'sameness',
] as const

export type PartName = (typeof PART_NAMES)[number]

/** Of names with commas between them, those that are not among them. Throws at an unknown name. */
export function parseLeftOut(only: string): readonly PartName[] {
  const chosen = only.split(',')
  const unknown = chosen.find((name) => !PART_NAMES.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`there is no part '${unknown}'`)
  return PART_NAMES.filter((part) => !chosen.includes(part))
}
