import { randomBytes } from 'node:crypto'
import { confirmDevice } from '../../src/app/confirm-device.ts'
import { type EnrollInput, enrollDevice } from '../../src/app/enroll-device.ts'
import type { Passwd, PasswdEntry } from '../../src/app/ports.ts'
import { addSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { createVault } from '../../src/vault/keyring.ts'
import { ALICE, ALICE_UID, NOW } from './account-fixture.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { createQuickHasher, type QuickHasher } from './quick-hasher.ts'

export const ALICE_ENTRY: PasswdEntry = {
  name: ALICE,
  uid: ALICE_UID,
}

/** A clock that stands still until it is moved. */
export interface TestClock {
  readonly now: () => UnixSeconds
  readonly move: (seconds: number) => void
}

function createClock(): TestClock {
  let at = NOW
  return {
    now: () => at,
    move: (seconds) => {
      at = addSeconds(at, seconds)
    },
  }
}

/** Every port of the use cases: a real vault, a store in memory, a quick hasher. */
export type TestPorts = ReturnType<typeof createTestPorts>

/** Ports on an empty store, with alice in the passwd database. */
export function createTestPorts() {
  const clock = createClock()
  const memory: MemoryStore = createMemoryStore(clock.now)
  const hasher: QuickHasher = createQuickHasher()
  const passwd: Passwd = {
    findByName: (name) => (name === ALICE ? ALICE_ENTRY : undefined),
    findGroupMembers: () => undefined,
    findGroups: () => ({ joined: [], missing: [] }),
  }
  const { store, register } = memory
  const vault = createVault(Buffer.alloc(32, 1))
  return { memory, store, register, vault, hasher, passwd, randomBytes, clock, now: clock.now }
}

/** What enrolling alice starts from. */
export function buildEnrollInput(fields: Partial<EnrollInput> = {}): EnrollInput {
  return {
    entry: ALICE_ENTRY,
    actor: 'root',
    label: 'phone',
    parameters: { kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 },
    secret: undefined,
    countsUnconfirmed: false,
    mintCodes: false,
    ...fields,
  }
}

/** The code of `secret` at the time of the ports, or some steps from it. */
export function codeFor(ports: TestPorts, secret: Buffer, stepsFromNow = 0): string {
  const { parameters } = buildEnrollInput()
  return generateCode(secret, parameters, stepAt(ports.now(), 30) + stepsFromNow)
}

/** Alice with a confirmed phone and ten recovery codes; the clock is a minute further then. */
export async function enrollAlice(ports: TestPorts) {
  const { secret } = await enrollDevice(ports, buildEnrollInput())
  const code = codeFor(ports, secret)
  const input = { name: ALICE, actor: 'root', code, window: 1, mintCodes: true }
  const confirmation = await confirmDevice(ports, input)
  ports.clock.move(60)
  const recoveryCodes = confirmation.kind === 'confirmed' ? confirmation.recoveryCodes : []
  return { secret, recoveryCodes }
}

/** What is stored about alice, who must be known. */
export function readAlice(ports: TestPorts): KnownAccount {
  const state = ports.memory.read(ALICE)
  if (state.kind === 'known') return state
  throw new Error('alice is not known')
}
