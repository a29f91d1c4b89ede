import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { excuseLogin } from '../../src/app/excuse-login.ts'
import type {
  Hasher,
  Passwd,
  PasswdEntry,
  RandomBytes,
  Register,
  Store,
  Vault,
} from '../../src/app/ports.ts'
import { verifyLogin } from '../../src/app/verify-login.ts'
import { addSeconds, type UnixSeconds } from '../../src/base/time.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { parseTypedCode } from '../../src/domain/answer.ts'
import type { AuditEvent } from '../../src/domain/audit-event.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { openPorts, prepareStorage } from '../../src/wire.ts'
import { ALICE, ALICE_UID, NOW, toUid } from './account-fixture.ts'
import { buildPolicy, buildRequest } from './login-fixture.ts'
import { createMemoryStore } from './memory-store.ts'
import { createQuickHasher } from './quick-hasher.ts'
import type { ScratchPath } from './scratch-directory.ts'

interface WorldPorts {
  readonly store: Store
  readonly register: Register
  readonly vault: Vault
  readonly hasher: Hasher
  readonly passwd: Passwd
  readonly randomBytes: RandomBytes
  readonly now: () => UnixSeconds
}

/** A host whose only user is alice, with a clock and a uid that can be changed. */
export interface OverrideWorld {
  readonly ports: WorldPorts
  readonly now: () => UnixSeconds
  readonly entry: () => PasswdEntry
  readonly moveClock: (seconds: number) => void
  readonly setUid: (uid: number) => void
  readonly find: () => Promise<AccountState>
  readonly audit: () => Promise<readonly AuditEvent[]>
  /** What `--excused` comes to, in short: the rule, or the reason of a denial. */
  readonly excuse: () => Promise<string>
  /** What an answer comes to, in short: the method, or the reason of a denial. */
  readonly type: (answer: string) => Promise<string>
  readonly close: () => void
}

type Opened = Pick<WorldPorts, 'store' | 'register' | 'vault'> &
  Pick<OverrideWorld, 'audit' | 'close'>

/** On a store in memory. */
export function openMemoryWorld(): OverrideWorld {
  return openWorld((now) => {
    const { store, register, audit } = createMemoryStore(now)
    const vault = createVault(Buffer.alloc(32, 1))
    return { store, register, vault, audit: async () => [...audit], close: () => {} }
  })
}

/** On a real database under a real key. */
export function openSqliteWorld(path: ScratchPath): OverrideWorld {
  const files = `[store]\npath = "${path('otpgate.db')}"\nkey_file = "${path('key')}"\n`
  const config = parseConfig(files, 'otpgate.toml')
  const limit = { busyMilliseconds: 50, beforeCommit: () => {} }
  writeFileSync(path('key'), Buffer.alloc(32, 7), { mode: 0o400 })
  prepareStorage(config, limit)
  return openWorld((now) => {
    const { store, register, vault, journal, close } = openPorts(config, limit, now)
    return { store, register, vault, close, audit: () => journal.read({}, 0, 1000) }
  })
}

function openWorld(open: (now: () => UnixSeconds) => Opened): OverrideWorld {
  let at = NOW
  let uid = ALICE_UID
  const now = () => at
  const { audit, close, ...opened } = open(now)
  const entry = (): PasswdEntry => ({ name: ALICE, uid })
  const passwd: Passwd = {
    findByName: (name) => (name === ALICE ? entry() : undefined),
    findGroupMembers: () => undefined,
    findGroups: () => ({ joined: [], missing: [] }),
  }
  const ports = { ...opened, passwd, hasher: createQuickHasher(), randomBytes, now }
  return {
    ...{ ports, now, entry, audit, close },
    moveClock: (seconds) => {
      at = addSeconds(at, seconds)
    },
    setUid: (next) => {
      uid = toUid(next)
    },
    find: () => ports.register.find(ALICE),
    excuse: async () => outline((await excuseLogin(ports, buildPolicy(), buildRequest())).decision),
    type: async (answer) => {
      const typed = parseTypedCode(answer)
      return outline((await verifyLogin(ports, buildPolicy(), buildRequest(), typed)).decision)
    },
  }
}

function outline(decision: Decision): string {
  switch (decision.outcome) {
    case 'accepted':
      return decision.method
    case 'excused':
      return decision.rule
    case 'denied':
      return decision.reason
  }
}
