import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What both fronts have to hold, once more by way of client and daemon: what races, and what breaks. */
const BY_DAEMON = [
  'test/break/{broken-disk,broken-file,hostile-environment,hostile-input,sameness}.test.ts',
  'test/break/{scarce-resource,secret-leak}.test.ts',
  'test/e2e/{parallel-bypass,parallel-code,throttle,replay,recovery-code,ticket}.test.ts',
  'test/e2e/{auth-log,break-glass,group-first,no-device,one-factor,pam-environment}.test.ts',
]

/** Folders whose files take a minute or more. */
const LONG = /\/test\/(transcripts|break|setup|package|bin)\//

/**
 * The long files begin first, so that no worker is left with one of them at the end. Vitest itself goes
 * by their size, until it has seen how long they take.
 */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'direct', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'daemon', include: BY_DAEMON, env: { OTPGATE_TEST_FRONT: 'daemon' } },
      },
    ],
    // Generous: real sshd, real argon2 and a busy machine. A test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongFirst },
    // Two cores: of three files one mostly waits, for sshd or the disk.
    maxWorkers: 3,
  },
})
