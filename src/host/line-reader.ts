import type { Readable } from 'node:stream'
import { AppError } from '../base/errors.ts'

/** Longest line that is taken, in characters: far more than a name, a code or a URI. */
export const LINE_LIMIT = 4096

/** Hands out successive lines. */
export interface LineReader {
  /** The next line without its line end; `undefined`: there are no more. Throws ERR_USAGE if too long. */
  next(): Promise<string | undefined>
}

/**
 * Lines of a pipe or file as they are asked for: what is not asked for yet stays for the next one,
 * so that several prompts of one run can be answered from one input. A last line needs no line end.
 */
export function createLineReader(input: Readable): LineReader {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const chunks: AsyncIterator<Uint8Array> = input[Symbol.asyncIterator]()
  let pending = ''
  let hasEnded = false

  function takeLine(end: number, behind: number): string {
    const line = pending.slice(0, end)
    pending = pending.slice(behind)
    if (line.length > LINE_LIMIT) throw lineTooLong()
    return line.endsWith('\r') ? line.slice(0, -1) : line
  }

  return {
    async next() {
      for (;;) {
        const end = pending.indexOf('\n')
        if (end >= 0) return takeLine(end, end + 1)
        if (pending.length > LINE_LIMIT) throw lineTooLong()
        if (hasEnded) return pending === '' ? undefined : takeLine(pending.length, pending.length)
        const chunk = await chunks.next()
        hasEnded = chunk.done === true
        pending += hasEnded ? decoder.decode() : decoder.decode(chunk.value, { stream: true })
      }
    },
  }
}

function lineTooLong(): AppError {
  return new AppError('ERR_USAGE', `a line of the input has more than ${LINE_LIMIT} characters`)
}
