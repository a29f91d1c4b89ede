import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Passwd, Store, Vault } from '../../../src/app/ports.ts'
import { verifyLogin } from '../../../src/app/verify-login.ts'
import { now } from '../../../src/host/clock.ts'
import { createHasher } from '../../../src/vault/hasher.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { parseName, parseUid } from '../../store/sample.ts'
import { initFile, MASTER_KEY, openFile } from '../../store/sqlite/sqlite-file.ts'
import { buildPolicy, buildRequest } from '../../support/login-fixture.ts'
import type { Measured } from '../bench-part.ts'
import { currentCode } from '../crowd.ts'
import { fillStore } from '../fill-store.ts'
import { interleave } from '../interleave.ts'
import { relate, type Sample, summarize } from '../sample.ts'

/** The most people that anything is promised for. */
const MOST_PEOPLE = 1_000_000
const SECRET_BYTES = 20
const UID = parseUid(1000)

/** One login inside an open store that syncs each commit, by how many people it holds. */
export async function measureStoreSizes(
  directory: string,
  sizes: readonly number[],
  rounds: number,
): Promise<Measured> {
  const stores = sizes.map((size) =>
    openCrowdedStore(join(directory, `people-${size}.db`), size, rounds + 1),
  )
  try {
    const subjects = Object.fromEntries(stores.map((store) => [store.title, store.verify]))
    const times = await interleave(subjects, rounds)
    const samples = stores.map(({ title }) => summarize(title, 'ms', times(title)))
    const [fewest, ...more] = samples
    if (fewest === undefined) throw new Error('no sizes')
    const goalOf = (size: number | undefined) => (size === MOST_PEOPLE ? 'storeSize' : undefined)
    const relateTo = (sample: Sample, index: number) =>
      relate(sample, fewest, goalOf(sizes[index + 1]))
    return { samples, ratios: more.map(relateTo) }
  } finally {
    for (const store of stores) store.close()
  }
}

/** One login each, of somebody else each time, inside an open store. */
export interface CrowdedStore {
  readonly title: string
  readonly close: () => void
  /** How long it took, in ms. */
  verify(): Promise<number>
}

/** `count`: how often somebody can be verified. `wrap`: what stands between the store and its users. */
export function openCrowdedStore(
  file: string,
  size: number,
  count: number,
  wrap: (store: Store) => Store = (store) => store,
): CrowdedStore {
  const vault = createVault(MASTER_KEY)
  const secret = randomBytes(SECRET_BYTES)
  initFile(file, vault)
  const names = fill(file, size, count, secret, vault)
  const { store, close } = openFile(file, { vault, now })
  const passwd: Passwd = {
    findByName: (name) => ({ name: parseName(name), uid: UID }),
    findGroupMembers: () => undefined,
    findGroups: () => ({ joined: [], missing: [] }),
  }
  const ports = { store: wrap(store), vault, hasher: createHasher(), passwd }
  const policy = buildPolicy()
  return {
    title: `verification among ${size.toLocaleString('en')} people`,
    close,
    /** Another person each time: no replay, and pages that the one before did not warm. */
    async verify(): Promise<number> {
      const user = names.pop() ?? ''
      const answer = { kind: 'code', code: currentCode(secret) } as const
      const begun = performance.now()
      const { decision } = await verifyLogin(ports, policy, buildRequest({ user }), answer)
      const took = performance.now() - begun
      if (decision.outcome !== 'accepted') throw new Error(`${user} was not let in`)
      return took
    },
  }
}

function fill(file: string, size: number, count: number, secret: Buffer, vault: Vault): string[] {
  const db = new Database(file)
  try {
    return fillStore(db, { size, count, uid: UID, secret, vault })
  } finally {
    db.close()
  }
}
