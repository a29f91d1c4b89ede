import type { RestoreFinding } from '../app/compare-backup.ts'
import { toPrintable } from '../base/text.ts'

/** One finding in words, and what to type after the restore; `undefined`: nothing helps but to know. */
export interface FindingWords {
  readonly line: string
  readonly command: string | undefined
}

/** What a finding means to an admin. */
export function wordFinding({ kind, user, detail }: RestoreFinding): FindingWords {
  const name = quote(user)
  const what = toPrintable(detail)
  switch (kind) {
    case 'codes-back':
      return {
        line: `one-time codes that may have been used or replaced since work again: ${what}`,
        command: `otpgate recovery new ${name}`,
      }
    case 'device-back':
      return {
        line: `the device "${what}", removed since, works again`,
        command: `otpgate device remove ${name} ${quote(detail)}`,
      }
    case 'counter-back':
      return {
        line: `codes of the token "${what}" that were used since work again`,
        command: `otpgate device resync ${name} ${quote(detail)}`,
      }
    case 'override-back':
      return { line: what, command: `otpgate ${verbFor(detail)} ${name}` }
    case 'account-back':
      return { line: 'removed since, and comes back', command: `otpgate remove ${name}` }
    case 'account-gone':
      return { line: 'not in the backup, and goes', command: `otpgate enroll ${name}` }
    case 'uid-differs':
      return { line: `${what}: every login is denied`, command: `otpgate rebind ${name}` }
    case 'orphaned':
      return { line: 'no such user on this host', command: undefined }
  }
}

/** What brings the decision back that a finding begins with. */
function verbFor(detail: string): string {
  if (detail.startsWith('suspended')) return 'suspend'
  return detail.startsWith('must-enroll') ? 'reset' : 'show'
}

/** As a shell reads it as one word. */
function quote(text: string): string {
  const shown = toPrintable(text)
  return /^[\w.@+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}
