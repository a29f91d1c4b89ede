import { StringDecoder } from 'node:string_decoder'
import type { ReadStream } from 'node:tty'
import { AppError } from '../base/errors.ts'
import { createLineEditor, type Keystroke, type LineEditor } from './line-editor.ts'

/** Arrow and function keys: dropped, or their letters would end up in the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what starts them.
const ESCAPE_SEQUENCE = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/g

/** Reads lines that somebody types. */
export interface TerminalLines {
  /**
   * Shows the prompt and gives the line; `undefined`: Ctrl-D on an empty line, or the terminal is
   * gone. Throws ERR_REFUSED on Ctrl-C. The terminal is as before in every case.
   */
  next(prompt: string, options: { readonly echo: boolean }): Promise<string | undefined>
}

/** Where prompts and echo go. */
export interface PromptOutput {
  write(text: string): unknown
}

/**
 * Lines from a terminal in raw mode: the kernel echoes nothing, and Ctrl-C is a character, so that
 * it can be answered in order instead of ending the process. What is pasted behind the line end
 * waits for the next prompt.
 */
export function createTerminalLines(input: ReadStream, output: PromptOutput): TerminalLines {
  const decoder = new StringDecoder('utf8')
  let pending = ''

  function pressPending(editor: LineEditor): Keystroke {
    let outcome: Keystroke = 'editing'
    for (const character of pending) {
      outcome = editor.press(character)
      pending = pending.slice(character.length)
      if (outcome !== 'editing') break
    }
    return outcome
  }

  async function readTyped(editor: LineEditor): Promise<string | undefined> {
    for (;;) {
      const outcome = pressPending(editor)
      if (outcome === 'entered') return editor.line()
      if (outcome === 'ended') return undefined
      if (outcome === 'interrupted') throw new AppError('ERR_REFUSED', 'interrupted')
      const chunk = await nextChunk(input)
      if (chunk === undefined) return undefined
      pending += decoder.write(chunk).replace(ESCAPE_SEQUENCE, '')
    }
  }

  return {
    async next(prompt, { echo }) {
      const show = (text: string) => output.write(text)
      input.setRawMode(true)
      try {
        show(prompt)
        return await readTyped(createLineEditor(echo ? show : () => undefined))
      } finally {
        if (!input.destroyed) input.setRawMode(false)
        show('\n')
      }
    },
  }
}

/** What is typed next. The stream is paused in between: the terminal is not ours then. */
function nextChunk(input: ReadStream): Promise<Buffer | undefined> {
  if (input.destroyed || input.readableEnded) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const settle = (chunk: Buffer | undefined) => {
      input.off('data', settle).off('end', onGone).off('error', onGone)
      input.pause()
      resolve(chunk)
    }
    const onGone = () => settle(undefined)
    input.on('data', settle).on('end', onGone).on('error', onGone)
    input.resume()
  })
}
