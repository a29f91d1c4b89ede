import type { PamFile } from '../host/pam-file.ts'
import type { Finding } from './finding.ts'

/** libpam reads 1023 bytes at a time, the end of the line among them (PAM 1.5: BUF_SIZE). */
const MOST_LINE_BYTES = 1022
const WHY =
  'PAM makes something else of it than stands there: a remark may go on as a line that counts'

/** What of a PAM file as a whole PAM does not take as it is written. */
export function findFileFlaws({ path, text, flaw }: PamFile): readonly Finding[] {
  if (flaw !== undefined) return [unread(path, flaw)]
  const long = findLongLine(text)
  if (long === undefined) return []
  return [
    {
      severity: 'problem',
      what: `${path} line ${long} is longer than the ${MOST_LINE_BYTES} bytes that PAM reads at once`,
      why: WHY,
      fix: `editor +${long} ${path}  # make it shorter`,
    },
  ]
}

function unread(path: string, flaw: string): Finding {
  return {
    severity: 'problem',
    what: `${path} ${flaw}`,
    why: 'nobody can say what PAM makes of it, and a login may hang there',
    fix: `ls -l ${path}; otpgate init  # shows the lines for a new one`,
  }
}

/** The number of the first; lines that a backslash joins are one, remarks count as well. */
function findLongLine(text: string): number | undefined {
  let joined = 0
  for (const [index, line] of text.split('\n').entries()) {
    joined += Buffer.byteLength(line) + 1
    if (joined > MOST_LINE_BYTES + 1) return index + 1
    if (!line.endsWith('\\')) joined = 0
  }
  return undefined
}
