import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Passwd, Vault } from '../../src/app/ports.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { now } from '../../src/host/clock.ts'
import { createHasher } from '../../src/vault/hasher.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { parseName, parseUid } from '../store/sample.ts'
import { initFile, MASTER_KEY, openFile } from '../store/sqlite/sqlite-file.ts'
import { buildPolicy, buildRequest } from '../support/login-fixture.ts'
import type { Measured } from './bench-part.ts'
import { fillStore } from './fill-store.ts'
import { interleave } from './interleave.ts'
import { relate, summarize } from './sample.ts'
import { currentCode } from './subject.ts'

/** facts/PERFORMANCE: the most people over the fewest. */
const RATIO_AT_MOST = 1.2
const SECRET_BYTES = 20
const UID = parseUid(1000)

/** One login inside an open store that syncs each commit, by how many people it holds. */
export async function measureStoreSizes(
  directory: string,
  sizes: readonly number[],
  rounds: number,
): Promise<Measured> {
  const stores = sizes.map((size) => openStore(join(directory, `people-${size}.db`), size, rounds))
  try {
    const subjects = Object.fromEntries(stores.map((store) => [store.title, store.verify]))
    const times = await interleave(subjects, rounds)
    const samples = stores.map(({ title }) => summarize(title, 'ms', times(title)))
    const [fewest, ...more] = samples
    if (fewest === undefined) throw new Error('no sizes')
    return { samples, ratios: more.map((sample) => relate(sample, fewest, RATIO_AT_MOST)) }
  } finally {
    for (const store of stores) store.close()
  }
}

function openStore(file: string, size: number, rounds: number) {
  const vault = createVault(MASTER_KEY)
  const secret = randomBytes(SECRET_BYTES)
  initFile(file, vault)
  const names = fill(file, size, rounds + 1, secret, vault)
  const { store, close } = openFile(file, { vault, now })
  const passwd: Passwd = {
    findByName: (name) => ({ name: parseName(name), uid: UID }),
    findGroupMembers: () => undefined,
    findGroups: () => ({ joined: [], missing: [] }),
  }
  const ports = { store, vault, hasher: createHasher(), passwd }
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
