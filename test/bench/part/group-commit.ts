import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measured } from '../bench-part.ts'
import { type Sample, summarize } from '../sample.ts'
import { compileSlowSync, SLOW_MS } from './slow-disk.ts'

const PROGRAM = fileURLToPath(new URL('group-commit-run.ts', import.meta.url))

/** How long each login of one way to commit took, in ms. */
export interface CommitTimes {
  readonly grouped: readonly number[]
  readonly single: readonly number[]
}

/**
 * The store with 64 clients and a slow disk, as the daemon uses it, with and without commits that are
 * shared. In a process of its own: the slow disk is loaded before all else.
 */
export function measureGroupCommit(directory: string, logins: number): Measured {
  const args = [PROGRAM, join(directory, 'group-commit'), String(logins)]
  const env = { LD_PRELOAD: compileSlowSync(directory) }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the run with a slow disk failed: ${stderr}`)
  const times: CommitTimes = JSON.parse(stdout)
  const name = `store, 64 clients, ${SLOW_MS} ms disk`
  const grouped = summarize(`${name}, group commit`, 'ms', times.grouped)
  const single = summarize(`${name}, a commit each`, 'ms', times.single)
  return { samples: [grouped, single], ratios: [relateTails(grouped, single)] }
}

function relateTails(over: Sample, under: Sample) {
  const name = `${over.name} / ${under.name}, p99`
  return { name, value: over.p99 / under.p99, goal: 'groupCommit' } as const
}
