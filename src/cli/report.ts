import { AppError } from '../base/errors.ts'
import type { Cli } from './context.ts'
import { EXIT, type ExitStatus, exitStatusOf } from './exit-codes.ts'

/** Prints an error the way every command does, what and then what to do; its exit status. */
export function reportError(cli: Pick<Cli, 'talk'>, error: unknown): ExitStatus {
  if (!(error instanceof AppError)) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    cli.talk(oneLine(`otpgate: internal error: ${what}`))
    cli.talk('hint: please report this, with the command you ran')
    return EXIT.refused
  }
  cli.talk(oneLine(`otpgate: ${error.message}`))
  if (error.hint !== undefined) cli.talk(oneLine(`hint: ${error.hint}`))
  return exitStatusOf(error.code)
}

/** The error as `--json` prints it: `error` alone, so that nobody takes it for a result. */
export function printJsonError(cli: Pick<Cli, 'print'>, error: unknown): void {
  const { code, message, hint } =
    error instanceof AppError
      ? error
      : { code: 'ERR_INTERNAL', message: 'internal error', hint: undefined }
  printJson(cli, { error: { code, message, hint: hint ?? null } })
}

/** Names and paths come escaped; one that was forgotten must not reach the terminal either. */
function oneLine(text: string): string {
  return text.replace(/[^ -~]/g, '?')
}

/** One value as JSON with a line end; `waysBack` as in `Cli.print`. */
export function printJson(
  cli: Pick<Cli, 'print'>,
  value: unknown,
  ...waysBack: readonly string[]
): void {
  cli.print(`${toAsciiJson(value)}\n`, ...waysBack)
}

/** Many values as one JSON array, written as they come: a long list is never held in memory. */
export async function printJsonArray(
  cli: Pick<Cli, 'print'>,
  values: AsyncIterable<unknown>,
): Promise<void> {
  let separator = '['
  for await (const value of values) {
    cli.print(`${separator}\n${toAsciiJson(value)}`)
    separator = ','
  }
  cli.print(separator === '[' ? '[]\n' : '\n]\n')
}

/** JSON escapes C0 only; a terminal obeys C1 as well, such as U+009B. Outside of texts all is ASCII. */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
