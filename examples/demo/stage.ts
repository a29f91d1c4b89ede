/** One line of what a person would see on the terminal. */
export interface TranscriptLine {
  /** `typed` by the person, or `seen`: the other side's answer. */
  readonly kind: 'typed' | 'seen'
  readonly text: string
}

/** How one login went. `broken`: neither let in nor refused, so something does not work. */
export interface Attempt {
  readonly outcome: 'let-in' | 'refused' | 'broken'
  readonly transcript: readonly TranscriptLine[]
}

/** A throw-away host on which somebody logs in: a real sshd, or sshd's part played. */
export interface Stage {
  /** Who logs in, with a key that is authorized already. */
  readonly user: string
  readonly configPath: string
  /** What it is made of: a sentence or two for the person who watches. */
  readonly about: string
  /** What `close` takes away again, in words. */
  readonly removes: string
  /** A login with the right key and this code; `undefined`: with the key alone. */
  logIn(code: string | undefined): Promise<Attempt>
  /** Undoes everything. Also done at exit and on SIGINT, SIGTERM and SIGHUP. */
  close(): void
}

/** A command line, as a person types it. */
export function typed(text: string): TranscriptLine {
  return { kind: 'typed', text }
}

/** One line for each line of a program's output; blank ones are left out. */
export function seen(output: string): TranscriptLine[] {
  return output
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((text) => ({ kind: 'seen', text }))
}
