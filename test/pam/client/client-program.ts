import { fileURLToPath } from 'node:url'
import { canRunWith } from '../../support/host-requirement.ts'
import { requireTool } from '../../support/run-tool.ts'

const SOURCES = fileURLToPath(new URL('../../../src/pam/client', import.meta.url))

/** What the tests of the client are made with; `programs` besides. */
export function canRunClient(programs: readonly string[] = []): boolean {
  return canRunWith('tests of the static client', ['gcc', 'musl-gcc', 'readelf', ...programs])
}

/** The client as it ships, at `path`. Throws with the compiler's words. */
export function buildClient(path: string): void {
  requireTool(`${SOURCES}/build`, [path])
}

/** The client with other options, linked dynamically, for tools that look into it. */
export function compileClient(path: string, options: readonly string[]): void {
  const standard = ['-std=c11', '-D_GNU_SOURCE', '-g', '-O1', '-o', path]
  requireTool('gcc', [...standard, ...options, `${SOURCES}/otpgate-client.c`])
}

/** One of the C files beside this one. */
export function compileSupport(name: string, path: string, options: readonly string[] = []): void {
  const source = fileURLToPath(new URL(name, import.meta.url))
  requireTool('gcc', [
    '-std=c11',
    '-D_GNU_SOURCE',
    '-Wall',
    '-Werror',
    ...options,
    '-o',
    path,
    source,
  ])
}
