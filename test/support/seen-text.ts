/** What somebody who logs in got to see. */
export interface SeenText {
  /** The questions, each without what stood before it. */
  readonly prompts: readonly string[]
  /** Lines of the other side: those before a question, then those that ssh printed. */
  readonly messages: readonly string[]
}

/** The client's own remarks; everything else on its stderr came from the server. */
const REMARK_OF_SSH =
  /^(?:\S+@\S+: Permission denied|Received disconnect|Disconnected from|Connect(?:ion|ed) |ssh: |scp: |sftp> |subsystem request|kex_|debug\d)/

/**
 * OpenSSH 9.2 sends messages and question in one block, `(user@host) ` before its first line; from
 * 10.3 each message comes by itself, and ssh prints it. Both end up the same here.
 */
export function splitSeenText(questions: readonly string[], stderr: string): SeenText {
  const blocks = questions.map((question) => linesOf(question.replace(/^\([^()]*\) /, '')))
  return {
    prompts: blocks.map((lines) => lines.at(-1) ?? ''),
    messages: [
      ...blocks.flatMap((lines) => lines.slice(0, -1)),
      ...linesOf(stderr).filter((line) => line !== '' && !REMARK_OF_SSH.test(line)),
    ],
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.replace(/\r$/, ''))
}
