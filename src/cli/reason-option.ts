import { Option } from 'commander'
import { AppError } from '../base/errors.ts'

const LONGEST = 200
/** Whatever a terminal or a reader of the log takes for the end of a line. */
const LINE_END = /[\n\v\f\r\x85\u2028\u2029]/

/** `--reason`, of every command that leaves a record. */
export function reasonOption(about = 'why, for the audit log'): Option {
  return new Option('--reason <text>', about).argParser(parseReason)
}

/** Throws ERR_USAGE: what stands in a record for years is a sentence, not a document. */
function parseReason(text: string): string {
  if ([...text].length <= LONGEST && !LINE_END.test(text)) return text
  throw new AppError('ERR_USAGE', 'that reason cannot be recorded', {
    hint: `one line of at most ${LONGEST} characters`,
  })
}
