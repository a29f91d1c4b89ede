import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireTool } from '../support/run-tool.ts'

/** Compiles one C file of native/ into the directory; returns the program's path. */
export function compile(file: string, directory: string, ...options: readonly string[]): string {
  const program = join(directory, basename(file, '.c'))
  const source = fileURLToPath(new URL(`native/${file}`, import.meta.url))
  requireTool('gcc', ['-O2', '-Wall', '-Werror', '-o', program, source, ...options])
  return program
}
