import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMAND_LINE } from '../support/otpgate-host.ts'
import { type ProgramResult, runProgram } from '../support/run-program.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { readKeptState } from './kept-state.ts'

const AT_ONCE = 6
const TIMES = 4

const path = useScratchDirectory()

test(`init, ${AT_ONCE} at once, is done by all, and makes each file once`, async () => {
  for (let time = 0; time < TIMES; time++) {
    const directory = path(`host-${time}`)
    const configFile = join(directory, 'otpgate.toml')
    const init = () => runProgram(COMMAND_LINE, ['--config', configFile, '--json', 'init'])
    mkdirSync(directory, { mode: 0o700 })
    writeFileSync(configFile, storeIn(directory))
    const runs = await Promise.all(Array.from({ length: AT_ONCE }, init))
    expect(runs.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
      runs.map(() => ({ status: 0, stderr: '' })),
    )
    for (const what of ['key', 'database']) {
      expect(runs.filter((run) => stateOf(run, what) === 'made')).toHaveLength(1)
    }
    expect(readFileSync(join(directory, 'master.key'))).toHaveLength(32)
    expect(await readKeptState(directory, 'nobody')).toMatchObject({ audit: [] })
  }
})

/** The usual configuration names the usual places: these are the test's own. */
function storeIn(directory: string): string {
  return `[store]\npath = "${directory}/data/otpgate.db"\nkey_file = "${directory}/master.key"\n`
}

function stateOf({ stdout }: ProgramResult, what: string): unknown {
  const steps: Readonly<Record<string, { readonly state: string }>> = JSON.parse(stdout)
  return steps[what]?.state
}
