import { toUnixSeconds } from '../../../src/base/time.ts'
import type { SetupJournal } from '../../../src/setup/ssh/journal.ts'
import type { Moment } from '../../../src/setup/watch/countdown.ts'

export const TIMEOUT_SECONDS = 300
export const INSTALLER = { pid: 4711, startTicks: 100 } as const

const BOOT = 'first-boot'
const BEGAN_AT = 1_800_000_000
const BOOT_SECONDS = 1000

/** So many seconds after the reload, by both clocks; `wall`: how far the clock was set since. */
export function momentAt(seconds: number, { wall = 0, boot = BOOT } = {}): Moment {
  const now = toUnixSeconds(BEGAN_AT + seconds + wall)
  return { now, bootId: boot, bootSeconds: boot === BOOT ? BOOT_SECONDS + seconds : seconds }
}

/** So many seconds after the reload, and so many after another boot since then. */
export function momentAfterBoot(seconds: number, sinceBoot: number, { wall = 0 } = {}): Moment {
  return { ...momentAt(seconds, { wall }), bootId: 'second-boot', bootSeconds: sinceBoot }
}

/** A set-up that waits for its proof, unless told otherwise. */
export function makeJournal(changes: Partial<SetupJournal> = {}): SetupJournal {
  return {
    format: 1,
    phase: 'awaiting-proof',
    recipe: 'key+code',
    group: undefined,
    account: 'alice',
    configPath: '/etc/otpgate/otpgate.toml',
    beganAt: toUnixSeconds(BEGAN_AT),
    timeoutSeconds: TIMEOUT_SECONDS,
    installer: { ...INSTALLER, bootId: BOOT },
    sshdUnit: undefined,
    files: [],
    reloadedAt: toUnixSeconds(BEGAN_AT),
    deadline: {
      at: toUnixSeconds(BEGAN_AT + TIMEOUT_SECONDS),
      bootId: BOOT,
      bootSeconds: BOOT_SECONDS + TIMEOUT_SECONDS,
    },
    proof: { afterSeq: 10, openConnections: [] },
    because: undefined,
    endedAt: undefined,
    ...changes,
  }
}
