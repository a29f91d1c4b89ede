import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { type ClientBench, openClientBench } from './client-bench.ts'
import { canRunClient } from './client-program.ts'
import { type Behaviour, type FakeDaemon, startFakeDaemon } from './fake-daemon.ts'

/** The client and the daemon of one test. */
export interface ClientSuite extends Omit<ClientBench, 'close' | 'removeDirect'> {
  /** Where the daemon of a test listens. */
  readonly socket: string
  /** Ended after the test. */
  serve(behaviour: Behaviour): Promise<FakeDaemon>
}

/** A suite with a client of its own; it is there in its tests. */
export function describeClient(
  title: string,
  define: (suite: () => ClientSuite) => void,
  programs: readonly string[] = [],
): void {
  describe.skipIf(!canRunClient(programs))(title, () => {
    let bench: ClientBench | undefined
    const daemons: FakeDaemon[] = []
    const getBench = () => {
      if (bench === undefined) throw new Error('the client is there in tests only')
      return bench
    }
    beforeAll(() => {
      bench = openClientBench()
    })
    afterEach(async () => {
      for (const daemon of daemons.splice(0)) await daemon.close()
      rmSync(socketOf(getBench()), { recursive: true, force: true })
      getBench().takeDirectCall()
    })
    afterAll(() => bench?.close())
    define(() => ({
      ...getBench(),
      socket: socketOf(getBench()),
      serve: async (behaviour) => {
        const daemon = await startFakeDaemon(socketOf(getBench()), behaviour)
        daemons.push(daemon)
        return daemon
      },
    }))
  })
}

function socketOf({ directory }: ClientBench): string {
  return join(directory, 'otpgated.sock')
}
