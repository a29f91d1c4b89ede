import { wrapWords } from '../../../render/wrap.ts'
import type { Cli } from '../../context.ts'

const COLUMNS = 80

/** Says it on as many lines as a terminal needs. */
export function talkWrapped(cli: Cli, text: string): void {
  for (const line of wrapWords(text, COLUMNS)) cli.talk(line)
}
