import type { Writable } from 'node:stream'
import type { Cli } from './context.ts'

/**
 * Prints results to `stream`. Where that fails, `giveUp` gets what to tell the person: nothing may
 * be left for them to find out later, at a login.
 */
export function openOutput(
  stream: Writable,
  giveUp: (complaint: readonly string[]) => void,
): Cli['print'] {
  const ways = new Set<string>()
  stream.on('error', (error) => giveUp(toComplaint(error, [...ways])))
  return (text, ...waysBack) => {
    for (const way of waysBack) ways.add(way)
    stream.write(text)
  }
}

/** `otpgate list | head` is no failure worth a message; a full disk is, and a lost secret always. */
function toComplaint(error: NodeJS.ErrnoException, ways: readonly string[]): readonly string[] {
  if (error.code === 'EPIPE' && ways.length === 0) return []
  const remedy = ways.length === 0 ? '' : `; run: ${ways.join(', and: ')}`
  return [
    `otpgate: cannot write the output (${error.code ?? error.name})`,
    `hint: what was to be shown is lost${remedy}`,
  ]
}
