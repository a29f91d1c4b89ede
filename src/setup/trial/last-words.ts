import { toPrintable } from '../../base/text.ts'
import { readTrialLog } from '../../host/trial-sshd.ts'

const TELLING = /^(?:fatal|error): |not allowed because|refused|^User .* not allowed/
const LONGEST = 200

/** `; sshd says: ...`, the last line of its log that tells why; empty where none does. */
export function readLastWords(log: string): string {
  const line = readTrialLog(log)
    .split(/\r?\n/)
    .findLast((each) => TELLING.test(each))
  return line === undefined ? '' : `; sshd says: ${toPrintable(line.trim(), LONGEST)}`
}
