import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

/** One run of a program that somebody else wrote. */
export interface CommandRun {
  /** The program, absolute, and its arguments. */
  readonly argv: readonly string[]
  /** For its standard input; a program that does not read it is not wrong. */
  readonly input: string
  /** All of its environment but PATH. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeLimitMilliseconds: number
}

/** `why`: how it failed and the beginning of what it said, one line of printable ASCII. */
export type CommandEnd =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly why: string }

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
/** Of what it says: a line for the journal. */
const KEPT_CHARACTERS = 300
/** How long after its end what it said may still be on the way. */
const DRAIN_MILLISECONDS = 100

/**
 * Runs it to its end, or to the time limit: then it is killed with all of its process group. A group of
 * its own also means that Ctrl-C is for us alone. Never rejects.
 */
export async function runCommand(run: CommandRun): Promise<CommandEnd> {
  const [program = '', ...args] = run.argv
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(program, args, {
    cwd: '/',
    env: { PATH, ...run.environment },
    detached: true,
    stdio: 'pipe',
  })
  const said = collect(child.stdout, child.stderr)
  // EPIPE: it has ended, or closed its input.
  child.stdin.on('error', () => {})
  child.stdin.end(run.input)
  const flaw = await waitForEnd(child, run.timeLimitMilliseconds)
  if (flaw === undefined) {
    said.close()
    return { outcome: 'done' }
  }
  killGroup(child)
  await said.settled()
  said.close()
  const words = toPrintable(said.text().trim(), KEPT_CHARACTERS)
  return { outcome: 'failed', why: words === '' ? flaw : `${flaw}: ${words}` }
}

/** What went wrong; `undefined`: it ended with 0. What it left behind may hold its output open. */
function waitForEnd(child: ChildProcess, limit: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child)
      resolve(`took longer than ${limit / 1000} s and was killed`)
    }, limit)
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve(`could not be started (${errnoOf(error) ?? 'unknown'})`)
    })
    child.once('exit', (status, signal) => {
      clearTimeout(timer)
      if (status === 0) resolve(undefined)
      else resolve(status === null ? `was ended by ${signal}` : `ended with status ${status}`)
    })
  })
}

/** Its own children as well; whoever has left the group is not found. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}

/** Reads all, so that nobody has to wait for us, and keeps the beginning. */
function collect(...streams: readonly Readable[]) {
  let text = ''
  const ends = streams.map(
    (stream) =>
      new Promise<void>((resolve) => {
        stream.setEncoding('latin1')
        stream.on('data', (chunk) => {
          if (text.length < KEPT_CHARACTERS) text += chunk
        })
        stream.on('error', () => resolve())
        stream.once('close', () => resolve())
      }),
  )
  const late = () =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, DRAIN_MILLISECONDS)
    })
  return {
    text: () => text,
    settled: () => Promise.race([Promise.all(ends), late()]),
    close: () => {
      for (const stream of streams) stream.destroy()
    },
  }
}
