import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { createLineReader } from './line-reader.ts'
import { createTerminalLines, type PromptOutput } from './terminal-line.ts'

/** Asks the person, or the script, that runs a command. */
export interface Prompter {
  /** Somebody sits there. Without a terminal prompts are not shown, and answers come from stdin. */
  readonly isInteractive: boolean
  /** One answer, without line end; `undefined`: there are no more. Throws ERR_REFUSED on Ctrl-C. */
  readLine(prompt: string): Promise<string | undefined>
  /** The same without showing what is typed. */
  readSecretLine(prompt: string): Promise<string | undefined>
  /** Lets go of the input, so that the process can end. */
  close(): void
}

/**
 * A prompter over stdin and stderr: talk is not a result. One for a whole run, since it keeps the
 * lines of a pipe that nobody has asked for yet.
 */
export function openPrompter(
  input: Readable = process.stdin,
  output: PromptOutput = process.stderr,
): Prompter {
  return input instanceof ReadStream && input.isTTY
    ? openTerminalPrompter(input, output)
    : openPipePrompter(input)
}

function openTerminalPrompter(input: ReadStream, output: PromptOutput): Prompter {
  const lines = createTerminalLines(input, output)
  return {
    isInteractive: true,
    readLine: (prompt) => lines.next(prompt, { echo: true }),
    readSecretLine: (prompt) => lines.next(prompt, { echo: false }),
    close: () => void input.destroy(),
  }
}

function openPipePrompter(input: Readable): Prompter {
  const lines = createLineReader(input)
  return {
    isInteractive: false,
    readLine: () => lines.next(),
    readSecretLine: () => lines.next(),
    close: () => void input.destroy(),
  }
}
