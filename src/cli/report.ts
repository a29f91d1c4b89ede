import { AppError } from '../base/errors.ts'
import type { Cli } from './context.ts'
import { EXIT, type ExitStatus, exitStatusOf } from './exit-codes.ts'

/** Prints an error the way every command does, what and then what to do; its exit status. */
export function reportError(cli: Pick<Cli, 'talk'>, error: unknown): ExitStatus {
  if (!(error instanceof AppError)) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    cli.talk(`otpgate: internal error: ${what}`)
    cli.talk('hint: nothing was changed; please report this with the command you ran')
    return EXIT.refused
  }
  cli.talk(`otpgate: ${error.message}`)
  if (error.hint !== undefined) cli.talk(`hint: ${error.hint}`)
  return exitStatusOf(error.code)
}

/** One value as JSON with a line end. */
export function printJson(cli: Pick<Cli, 'print'>, value: unknown): void {
  cli.print(`${JSON.stringify(value)}\n`)
}

/** Many values as one JSON array, written as they come: a long list is never held in memory. */
export async function printJsonArray(
  cli: Pick<Cli, 'print'>,
  values: AsyncIterable<unknown>,
): Promise<void> {
  let separator = '['
  for await (const value of values) {
    cli.print(`${separator}\n${JSON.stringify(value)}`)
    separator = ','
  }
  cli.print(separator === '[' ? '[]\n' : '\n]\n')
}
