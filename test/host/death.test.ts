import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const MODULE = join(import.meta.dirname, '../../src/host/death.ts')
const scratch = useScratchDirectory()

/** Waits to be ended, with a file that is to go first. */
const PROGRAM = `
import { rmSync } from 'node:fs'
import { beforeDeath } from ${JSON.stringify(MODULE)}
beforeDeath(() => rmSync(process.argv[1]))
setInterval(() => {}, 1000)
console.log('ready')
`

test.each([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
] as const)('%s ends the process, tidied up', async (signal) => {
  writeFileSync(scratch('draft'), '')
  const args = ['--input-type=module', '-e', PROGRAM, scratch('draft')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([null, signal])
  expect(existsSync(scratch('draft'))).toBe(false)
})
