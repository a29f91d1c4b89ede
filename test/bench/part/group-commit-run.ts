import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../../src/app/ports.ts'
import type { CommitTimes } from './group-commit.ts'
import { openCrowdedStore } from './store-size.ts'

// node group-commit-run.ts DIRECTORY LOGINS: prints CommitTimes. Starts 64 clients, each of which logs
// people in, one after the other, as fast as it can.

const CLIENTS = 64
const PEOPLE = 10_000

void main()

async function main(): Promise<void> {
  const [directory = '', logins = ''] = process.argv.slice(2)
  mkdirSync(directory)
  const grouped = await run(join(directory, 'grouped.db'), Number(logins), (store) => store)
  const single = await run(join(directory, 'single.db'), Number(logins), commitSingly)
  const times: CommitTimes = { grouped, single }
  process.stdout.write(JSON.stringify(times))
}

async function run(
  file: string,
  logins: number,
  wrap: (store: Store) => Store,
): Promise<readonly number[]> {
  const store = openCrowdedStore(file, PEOPLE, logins, wrap)
  const times: number[] = []
  let left = logins
  const client = async () => {
    while (left-- > 0) times.push(await store.verify())
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  store.close()
  return times
}

/** The same store with one step in each transaction, as it would be without a batch. */
function commitSingly(store: Store): Store {
  let last: Promise<unknown> = Promise.resolve()
  return {
    transact(name, step) {
      const next = last.then(() => store.transact(name, step))
      last = next.catch(() => {})
      return next
    },
  }
}
