import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { enrollDevice } from '../../src/app/enroll-device.ts'
import { toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { openPorts, type Ports, prepareStorage, type TimeLimit } from '../../src/wire.ts'
import { type Verification, type VerifierRun, verify } from '../pam/verifier-world.ts'
import { NOW, SECRET } from '../support/account-fixture.ts'
import { ALICE_ENTRY, buildEnrollInput } from '../support/app-fixture.ts'
import type { ScratchPath } from '../support/scratch-directory.ts'

/** Arguments of the verifier's three modes. */
export const MODES = [[], ['--excused'], ['--account']] as const

const TIME_LIMIT: TimeLimit = { busyMilliseconds: 50, beforeCommit: () => {} }
const { parameters } = buildEnrollInput()
const passwd = {
  findByName: (name: string) => (name === ALICE_ENTRY.name ? ALICE_ENTRY : undefined),
  findGroupMembers: () => undefined,
  findGroups: () => ({ joined: [], missing: [] }),
}

/** Alice, enrolled in a real database under a real key; only the clock is the test's. */
export interface StoredAlice {
  readonly databaseFile: string
  readonly keyFile: string
  readonly recoveryCodes: readonly string[]
  /** Sets the clock of the host. */
  setClock(at: number): void
  now(): UnixSeconds
  /** What her app shows, whose clock is right whatever the host's is. */
  codeAt(at: number): string
  run(verification?: Verification): Promise<VerifierRun>
  /** Real ports, the clock included; close them. */
  open(): Ports
  /** Puts the database and nothing beside it to what it was right after the enrolment. */
  restore(): void
  /** Bytes of the database right after the enrolment. */
  readonly image: Buffer
}

/**
 * Enrolls alice by `enroll --no-confirm`; she never logged in. Her secret is the same in each run: of one
 * that chance has made, some code that is typed as a wrong one would be right now and then.
 */
export async function storeAlice(
  path: ScratchPath,
  { toml = '', mintCodes = false, at = NOW as number } = {},
): Promise<StoredAlice> {
  const databaseFile = path('otpgate.db')
  const keyFile = path('key')
  let now = toUnixSeconds(at)
  const config = parseConfig(
    `[store]\npath = "${databaseFile}"\nkey_file = "${keyFile}"\n${toml}`,
    'otpgate.toml',
  )
  const open = (): Ports => ({ ...openPorts(config, TIME_LIMIT, () => now), passwd })
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o400 })
  prepareStorage(config, TIME_LIMIT)
  const ports = open()
  const secret = Buffer.from(SECRET)
  const input = buildEnrollInput({ secret, countsUnconfirmed: true, mintCodes })
  const { recoveryCodes } = await enrollDevice(ports, input)
  ports.close()
  const image = readFileSync(databaseFile)
  return {
    ...{ databaseFile, keyFile, recoveryCodes, image, open },
    setClock: (to) => {
      now = toUnixSeconds(to)
    },
    now: () => now,
    codeAt: (when) => {
      return generateCode(SECRET, parameters, stepAt(toUnixSeconds(when), 30))
    },
    run: (verification = {}) => {
      // The verifier itself closes what it has opened.
      const world = { loadConfig: () => config, openPorts: open, now: () => now }
      return verify({ ...verification, world: { ...world, ...verification.world } })
    },
    restore: () => {
      for (const tail of ['-wal', '-shm', '-journal']) {
        rmSync(databaseFile + tail, { force: true })
      }
      writeFileSync(databaseFile, image)
    },
  }
}

/** `ERR_...` or the reason of a denial, of the one line a run left in the log. */
export function reasonOf({ logged }: VerifierRun): string | undefined {
  return /\breason=(\S+)/.exec(logged[0]?.line ?? '')?.[1]
}
