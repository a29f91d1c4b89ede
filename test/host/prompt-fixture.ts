import { spawnSync } from 'node:child_process'
import { openPrompter } from '../../src/host/prompt.ts'

/** prompt-fixture.ts: asks a line and a secret line; shows the terminal's state and what it got. */
const prompter = openPrompter()
const answers: (string | undefined)[] = []
try {
  answers.push(await prompter.readLine('Name: '))
  answers.push(await prompter.readSecretLine('Secret: '))
  report({ answers: answers.map((answer) => answer ?? null) })
} catch (error) {
  report({ error: error instanceof Error && 'code' in error ? error.code : 'unknown' })
} finally {
  // While this process lives: Node itself restores the terminal at the end.
  spawnSync('stty', ['-a'], { stdio: 'inherit' })
  prompter.close()
}

/** Reversed, so that the echo of a secret cannot be mistaken for this. */
function report(result: object): void {
  process.stdout.write(`<${[...JSON.stringify(result)].reverse().join('')}>\n`)
}
