import { LINE_LIMIT } from './line-reader.ts'

/** What one typed character led to. */
export type Keystroke = 'editing' | 'entered' | 'interrupted' | 'ended'

/** One line that is being typed. */
export interface LineEditor {
  readonly line: () => string
  /** Takes one character, and says through `echo` what the terminal should show. */
  readonly press: (character: string) => Keystroke
}

const ERASE_ONE = '\b \b'

/**
 * The few keys a terminal line needs once the kernel does not edit it: Enter, Backspace, Ctrl-U,
 * Ctrl-C, and Ctrl-D on an empty line. Other control characters do nothing.
 */
export function createLineEditor(echo: (text: string) => void): LineEditor {
  let typed: readonly string[] = []

  function keep(count: number): Keystroke {
    echo(ERASE_ONE.repeat(typed.length - count))
    typed = typed.slice(0, count)
    return 'editing'
  }

  function add(character: string): Keystroke {
    if (typed.length >= LINE_LIMIT || /\p{Cc}/u.test(character)) return 'editing'
    typed = [...typed, character]
    echo(character)
    return 'editing'
  }

  return {
    line: () => typed.join(''),
    press(character) {
      switch (character) {
        case '\r':
        case '\n':
          return 'entered'
        case '\x03':
          return 'interrupted'
        case '\x04':
          return typed.length === 0 ? 'ended' : 'editing'
        case '\x08':
        case '\x7f':
          return keep(Math.max(0, typed.length - 1))
        case '\x15':
          return keep(0)
        default:
          return add(character)
      }
    },
  }
}
