import { spawnSync } from 'node:child_process'
import { BARE_ENVIRONMENT } from './run-program.ts'

const TIMEOUT_MS = 30_000

export interface ToolResult {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the system's own small tools and waits: cleanup has to be synchronous. */
export function runTool(file: string, args: readonly string[], input = ''): ToolResult {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    env: BARE_ENVIRONMENT,
    input,
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  })
  if (error !== undefined) throw new Error(`cannot run ${file}`, { cause: error })
  return { status: status ?? undefined, stdout, stderr }
}

/** Like `runTool`; throws with the tool's own words where its status is not 0. */
export function requireTool(file: string, args: readonly string[], input = ''): ToolResult {
  const result = runTool(file, args, input)
  if (result.status !== 0) {
    throw new Error(`${file} ended with status ${result.status}: ${result.stderr.trim()}`)
  }
  return result
}
