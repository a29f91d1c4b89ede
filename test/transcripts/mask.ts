/** A text that differs from run to run, and the name it goes by in a transcript. */
export interface Alias {
  readonly text: string
  readonly name: string
}

/** Secrets, codes, times and hashes, in this order: what is longer comes first. */
const VOLATILE = [
  { pattern: /\b[0-9a-f]{64}\b/g, name: 'HASH' },
  { pattern: /\b[0-9a-f]{32}\b/g, name: 'ID' },
  { pattern: /(?<=^|revoke \S+ )[0-9a-f]{8}\b/gm, name: 'SHORT-ID' },
  { pattern: /^[0-9A-Z]{4} {2}[\w-]+(?: [\w-]+){3}$/gm, name: 'GROUP AS SPOKEN' },
  { pattern: /\b[A-Z2-7]{32}\b/g, name: 'SECRET' },
  { pattern: /\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b/g, name: 'GROUPED KEY' },
  { pattern: /\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b/g, name: 'RECOVERY-CODE' },
  { pattern: /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, name: 'TIME' },
  { pattern: /\buid \d+/g, name: 'uid N' },
  { pattern: /"uid":\d+/g, name: '"uid":N' },
  { pattern: /\bin \d+ (?:second|minute)s?\b/g, name: 'in A WHILE' },
  // A step may end between the code and the judgement; cli/confirm-dialog.test.ts has exact times.
  { pattern: /\b\d+ \w+(?: \d+ \w+)? (?=(?:ahead of|behind) the clock)/g, name: 'SOME TIME ' },
  // And then teaches a quarter of a step, where there was nothing to learn.
  { pattern: /(?<=\b30s), clock -7s\b/g, name: '' },
  { pattern: /"drift":-7\b/g, name: '"drift":0' },
] as const

/** Makes two runs read alike. Columns move with what is masked, so blanks are told as two. */
export function mask(text: string, aliases: readonly Alias[]): string {
  const named = aliases.reduce(
    (masked, { text: each, name }) => masked.replaceAll(each, name),
    text,
  )
  const stable = VOLATILE.reduce(
    (masked, { pattern, name }) => masked.replace(pattern, name),
    named,
  )
  return stable.replace(/(?<=\S) {2,}(?=\S)/g, '  ')
}
