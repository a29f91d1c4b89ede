import { hostname } from 'node:os'
import { describeActor } from '../host/actor.ts'
import { identifyInvoker } from '../host/invoker.ts'
import { createPasswd } from '../host/passwd.ts'
import { openPrompter } from '../host/prompt.ts'
import { describeTerminal } from '../host/tty.ts'
import { EXIT, type ExitStatus } from './exit-codes.ts'
import { openSession } from './open-session.ts'
import { openOutput } from './output.ts'
import { runProgram } from './program.ts'

/** Whatever is made here, key and database first of all, is nobody else's business. */
process.umask(0o077)
process.exitCode = EXIT.refused

const prompter = openPrompter()
// Nobody who could be told is left; the exit status still says how it went.
process.stderr.on('error', () => {})

// Whoever has a terminal could stop the process there (Ctrl-Z), also through sudo, and with it every
// login, while it holds the lock of the database.
process.on('SIGTSTP', () => {})

void main()

async function main(): Promise<void> {
  let status: ExitStatus = EXIT.done
  const failed = await runProgram(process.argv.slice(2), {
    print: openOutput(process.stdout, giveUp),
    talk,
    prompter,
    terminal: describeTerminal(process.stdout),
    actor: () => describeActor(createPasswd()),
    invoker: () => identifyInvoker(createPasswd()),
    hostName: hostname,
    openSession,
    setStatus: (wanted) => {
      status = wanted
    },
  })
  prompter.close()
  process.exitCode = failed ?? status
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Nothing that is done from here on would be seen. */
function giveUp(complaint: readonly string[]): void {
  for (const line of complaint) talk(line)
  process.exit(EXIT.refused)
}
