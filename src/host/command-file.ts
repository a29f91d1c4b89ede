import { closeSync, constants, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { trustedOwners } from './file-mode.ts'
import { findContentFlaw, findProgramFlaw } from './program-file.ts'
import { readBounded } from './read-bounded.ts'

/** As far as the kernel reads the line that names an interpreter (execve(2)). */
const FIRST_LINE_BYTES = 256
/** As many interpreters of interpreters as the kernel follows. */
const SCRIPTS_FOLLOWED = 5
const SHEBANG = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/

/**
 * Why a command that root runs could run what somebody else has written, as far as its words say:
 * `undefined` where the program, the interpreters of scripts, and files that are named by an absolute
 * path are root's or ours alone to write. What the program reads beyond that nobody can know.
 */
export function findCommandFlaw(argv: readonly string[]): string | undefined {
  const [program = '', ...args] = argv
  return findScriptFlaw(program, SCRIPTS_FOLLOWED) ?? firstFlaw(args)
}

function findScriptFlaw(program: string, left: number): string | undefined {
  const flaw = findProgramFlaw(program)
  if (flaw !== undefined) return flaw
  const [, interpreter, argument = ''] = SHEBANG.exec(readFirstLine(program)) ?? []
  if (interpreter === undefined || left === 0) return undefined
  // Commands run in the root directory.
  const path = join('/', interpreter)
  // One that is not there is told when it is to be started, in words of its own.
  if (!isPlainFile(path)) return undefined
  return findScriptFlaw(path, left - 1) ?? firstFlaw([argument.trim()])
}

function firstFlaw(args: readonly string[]): string | undefined {
  const files = args.filter((arg) => arg.startsWith('/') && isPlainFile(arg))
  return files
    .map((file) => findContentFlaw(file, trustedOwners()))
    .find((flaw) => flaw !== undefined)
}

/** Not /dev/null and the like, nor directories to work in. */
function isPlainFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function readFirstLine(path: string): string {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return readBounded(fd, FIRST_LINE_BYTES).toString('latin1')
    } finally {
      closeSync(fd)
    }
  } catch {
    // What nobody can read, root aside, is no script.
    return ''
  }
}
