import { parseTypedCode } from '../../src/domain/answer.ts'
import { openPrompter } from '../../src/host/prompt.ts'
import type { Phone } from './phone.ts'

/** A code, and who found it out. */
export interface GivenCode {
  readonly code: string
  /** False: computed by the demo. */
  readonly isTyped: boolean
}

/** Whoever watches the demo. Throws ERR_REFUSED on Ctrl-C. */
export interface Person {
  /** Somebody sits there to read and scan. */
  readonly isPresent: boolean
  /** Waits for Enter. */
  pause(prompt: string): Promise<void>
  /** A code as typed, or computed where only Enter was pressed, or nobody is there. */
  giveCode(phone: Phone): Promise<GivenCode>
  close(): void
}

/** Nobody: `--auto`. */
export function createNobody(): Person {
  return {
    isPresent: false,
    pause: async () => undefined,
    giveCode: async (phone) => compute(phone),
    close: () => undefined,
  }
}

/** The person at stdin, or a script there; where its lines end, codes are computed. */
export function createPerson(): Person {
  const prompter = openPrompter()
  return {
    isPresent: prompter.isInteractive,
    pause: async (prompt) => {
      if (prompter.isInteractive) await prompter.readLine(prompt)
    },
    giveCode: async (phone) => {
      let prompt = '   The code in your app (or just Enter, to have it computed): '
      for (;;) {
        const line = (await prompter.readLine(prompt))?.trim()
        if (line === undefined || line === '') return compute(phone)
        const answer = parseTypedCode(line)
        if (answer.kind === 'code') return { code: answer.code, isTyped: true }
        prompt = '   That is no code: it has six digits. Once more (or Enter): '
      }
    },
    close: () => prompter.close(),
  }
}

function compute(phone: Phone): GivenCode {
  return { code: phone.code(), isTyped: false }
}
