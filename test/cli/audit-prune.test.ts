import { describe, expect, test } from 'vitest'
import { formatTime } from '../../src/base/time.ts'
import { runProgram } from '../../src/cli/program.ts'
import { ALICE, always, at, audit } from '../store/sample.ts'
import { initFile, openFile } from '../store/sqlite/sqlite-file.ts'
import { createTestPorts } from '../support/app-fixture.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { createFakeCli, toSession } from './fake-cli.ts'

const scratch = useScratchDirectory()
const DAY = 86_400

/** Rows of so many days ago, and what somebody at a terminal answers. */
async function run(days: readonly number[], args: readonly string[], answer?: string) {
  initFile(scratch('a.db'))
  const now = () => at(0)
  const storage = openFile(scratch('a.db'), { now })
  await storage.store.transact(ALICE, always(...days.map((day) => audit({ at: at(-day * DAY) }))))
  const { cli, said } = createFakeCli()
  const asked: string[] = []
  const readLine = async (question: string) => {
    asked.push(question)
    return answer
  }
  const session = toSession(createTestPorts(), { toml: '[audit]\nkeep = "100d"' })
  const status = await runProgram(['audit', 'prune', ...args], {
    ...cli,
    prompter: { ...cli.prompter, isInteractive: true, readLine },
    openSession: () => ({
      ...session,
      ports: { ...session.ports, ...storage, now, close: () => {} },
    }),
  })
  const rows = await storage.journal.read({}, 0, 99)
  storage.close()
  return { status: status ?? 0, asked, said, seqs: rows.map(({ seq }) => seq) }
}

describe('audit prune', () => {
  test('says how many rows would go, and what they are from before, and asks', async () => {
    const { asked } = await run([300, 200, 100, 50], [], 'n')
    expect(asked).toEqual([
      `Remove 2 rows of the audit log for good, all from before ${formatTime(at(-100 * DAY))}? [y/N] `,
    ])
  })

  test.each([
    undefined,
    '',
    'n',
    'no',
    'yep',
  ])('changes nothing on the answer %j', async (answer) => {
    const { status, seqs } = await run([300, 200, 50], [], answer)
    expect({ status, seqs }).toEqual({ status: 1, seqs: [1, 2, 3] })
  })

  test('removes them on a yes, by the age that the configuration says', async () => {
    const { status, seqs, said } = await run([300, 200, 50], [], 'y')
    expect({ status, seqs, said }).toEqual({ status: 0, seqs: [3, 4], said: ['2 rows pruned'] })
  })

  test('goes by --before where that is given', async () => {
    const { asked, seqs } = await run([300, 200, 50], ['--before', '250d', '--yes'])
    expect({ asked, seqs }).toEqual({ asked: [], seqs: [2, 3, 4] })
  })

  test('finds nothing from before an age that no clock has shown', async () => {
    const { status, said } = await run([300, 200], ['--before', '999999999d', '--yes'])
    expect({ status, said }).toEqual({
      status: 0,
      said: ['nothing to prune from before 1970-01-01T00:00:00Z'],
    })
  })

  test.each([
    ['--since', '7d'],
    ['--without-code'],
  ])('takes no %s, which would choose', async (...args) => {
    const { status, seqs } = await run([300, 200], [...args, '--yes'])
    expect({ status, seqs }).toEqual({ status: 2, seqs: [1, 2] })
  })
})
