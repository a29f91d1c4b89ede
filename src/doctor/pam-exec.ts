import { dirname } from 'node:path'
import type { PamLine } from './pam-line.ts'
import { moduleOf } from './pam-stack.ts'

/** What a line of pam_exec(8) says. */
export interface PamExecCall {
  /** Its own words, before the program. */
  readonly options: readonly string[]
  /** As it is written; empty: none is named. */
  readonly program: string
  /** What stands behind it. */
  readonly args: readonly string[]
  /** A `type=` that names another stack than the line's: pam_exec does nothing there. */
  readonly otherType: string | undefined
}

const OPTION = /^(?:debug|stdout|seteuid|quiet|expose_authtok|(?:log|type)=.*)$/i
/** Where the modules of the distribution lie. */
const STOCK_DIRECTORY = /^\/(?:usr\/)?lib(?:64|\/[\w-]+)?\/security$/

/** Whether the line runs the distribution's module of that name, not somebody else's. */
export function runsModule(line: PamLine, module: string): boolean {
  const isNamedAlone = !line.target.includes('/')
  return moduleOf(line) === module && (isNamedAlone || STOCK_DIRECTORY.test(dirname(line.target)))
}

/** `undefined`: another module. The first word that is no option of its own is the program. */
export function parsePamExec(line: PamLine): PamExecCall | undefined {
  if (!runsModule(line, 'pam_exec.so')) return undefined
  const words = line.args.map((word) => word.replace(/^\[(.*)\]$/s, '$1'))
  const found = words.findIndex((word) => !OPTION.test(word))
  const at = found < 0 ? words.length : found
  const options = words.slice(0, at)
  const otherType = options.find((word) => /^type=/i.test(word) && word.slice(5) !== line.type)
  return { options, program: words[at] ?? '', args: words.slice(at + 1), otherType }
}
