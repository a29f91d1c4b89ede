import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ASKPASS = fileURLToPath(new URL('askpass', import.meta.url))

export interface Answers {
  /** For the password method. */
  readonly password?: string | undefined
  /** For keyboard-interactive, in this order; where they run out, an empty answer. */
  readonly answers?: readonly string[] | undefined
}

/** Where one client run gets its answers from, and leaves what it was asked. */
export interface Exchange {
  /** Makes the OpenSSH client ask our askpass instead of a terminal (ssh(1)). */
  readonly env: Readonly<Record<string, string>>
  /** Every question in full, as ssh put it, in order. */
  readQuestions(): readonly string[]
  remove(): void
}

/** Lays the answers out in a private directory below `parent`. */
export function layOutAnswers(parent: string, { password, answers = [] }: Answers): Exchange {
  const directory = mkdtempSync(join(parent, 'asked-'))
  if (password !== undefined) writeFileSync(join(directory, 'password'), `${password}\n`)
  for (const [index, answer] of answers.entries()) {
    writeFileSync(join(directory, `answer.${index + 1}`), `${answer}\n`)
  }
  return {
    env: {
      SSH_ASKPASS: ASKPASS,
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 it takes a display and no terminal to be asked through a program.
      DISPLAY: 'none',
      OTPGATE_TEST_EXCHANGE: directory,
    },
    readQuestions: () => readQuestions(directory),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

function readQuestions(directory: string): string[] {
  const questions: string[] = []
  for (let file = questionFile(directory, 1); existsSync(file); ) {
    questions.push(readFileSync(file, 'utf8'))
    file = questionFile(directory, questions.length + 1)
  }
  return questions
}

function questionFile(directory: string, number: number): string {
  return join(directory, `question.${number}`)
}
