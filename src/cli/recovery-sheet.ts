import { toPrintable } from '../base/text.ts'
import { renderColumns } from '../render/columns.ts'
import type { Cli } from './context.ts'

/** Prints recovery codes, the only time they are ever shown. */
export function printRecoveryCodes(cli: Cli, name: string, codes: readonly string[]): void {
  if (codes.length === 0) return
  cli.talk('')
  cli.talk(`Recovery codes of ${toPrintable(name)}. Each works once, in place of a code.`)
  cli.talk('They are shown this one time: print them, or write them down.')
  cli.talk('')
  const lost = cli.ways === undefined ? recoveryWaysBack(name, codes) : [cli.ways.recoveryCodes]
  cli.print(`${renderColumns(codes, 2)}\n`, ...lost)
}

/** What to do where these codes got lost on their way to the person; for none, nothing. */
export function recoveryWaysBack(name: string, codes: readonly string[]): readonly string[] {
  return codes.length === 0 ? [] : [`otpgate recovery new ${toPrintable(name)}`]
}
