/** What a login can meet, in words: the columns of the table of rules. */
export const COLUMNS = {
  person: ['enrolled', 'unenrolled', 'never known', 'of another uid'],
  override: ['none', 'must-enroll', 'suspended', 'waived', 'invited'],
  clock: ['normal', 'date passed', 'behind'],
  excuse: ['none', 'exempt', 'remembered', 'unenrolled allow'],
  throttle: [
    'free',
    'codes waiting',
    'codes locked',
    'one-time codes waiting',
    'one-time codes locked',
    'local waiting',
    'local locked',
  ],
  source: ['strange', 'known', 'known and spent', 'known long ago'],
  factor: ['proven', 'missing', 'not SSH', 'code alone'],
  answer: [
    'right code',
    'replayed code',
    'wrong code',
    'recovery code',
    'bypass code',
    'invitation code',
    'unknown code',
    'empty',
    'not-a-code',
  ],
  ticket: ['none', 'good', 'good, proving both', 'expired', 'of another connection'],
} as const

type Columns = typeof COLUMNS

/** One login. */
export type LoginCase = { readonly [C in keyof Columns]: Columns[C][number] }

const ORDINARY: LoginCase = {
  person: 'enrolled',
  override: 'none',
  clock: 'normal',
  excuse: 'none',
  throttle: 'free',
  source: 'strange',
  factor: 'proven',
  answer: 'right code',
  ticket: 'none',
}

/** Every combination of these columns; what is not named is as on an ordinary day. */
export function combine(columns: readonly (keyof Columns)[]): readonly LoginCase[] {
  return columns.reduce<readonly LoginCase[]>(
    (cases, column) =>
      cases.flatMap((each) => COLUMNS[column].map((value) => ({ ...each, [column]: value }))),
    [ORDINARY],
  )
}
