/** One command of a transcript, and what came of it where it has run. */
export interface Exchange {
  /** Comments and blank lines in front of it, as they are. */
  readonly before: readonly string[]
  /** For sh. */
  readonly command: string
  /** Lines for stdin. */
  readonly input: readonly string[]
}

export interface Transcript {
  readonly exchanges: readonly Exchange[]
  /** Comments behind the last command. */
  readonly after: readonly string[]
}

/** What a command did, masked. */
export interface Observation {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | undefined
}

/**
 * Reads a transcript: `$ ` a command, `< ` a line for its stdin, `# ` a comment. What it printed
 * (`> ` on stdout, `! ` on stderr) and its exit status (`= `) are left out: they are to be seen anew.
 */
export function parseTranscript(text: string): Transcript {
  const exchanges: Exchange[] = []
  let before: string[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const last = exchanges.at(-1)
    const rest = line.slice(2)
    if (line.startsWith('$ ')) {
      exchanges.push({ before, command: rest, input: [] })
      before = []
    } else if (line.startsWith('< ') && last !== undefined) {
      exchanges[exchanges.length - 1] = { ...last, input: [...last.input, rest] }
    } else if (line === '' || line.startsWith('# ')) {
      before.push(line)
    } else if (!/^[>!=]( |$)/.test(line)) {
      throw new Error(`no line of a transcript: ${line}`)
    }
  }
  return { exchanges, after: before }
}

/** The exchange as it stands in a transcript, with what came of it. */
export function renderExchange({ before, command, input }: Exchange, seen: Observation): string {
  return [
    ...before,
    `$ ${command}`,
    ...input.map((line) => `< ${line}`),
    ...mark('>', seen.stdout),
    ...mark('!', seen.stderr),
    `= ${seen.status}`,
    '',
  ].join('\n')
}

/** No line ends in a blank: an empty one is the mark alone. Text without line end says so. */
function mark(sign: string, text: string): readonly string[] {
  if (text === '') return []
  const lines = text.endsWith('\n') ? text.slice(0, -1) : `${text}(no line end)`
  return lines.split('\n').map((line) => `${sign} ${line}`.trimEnd())
}
