import type { Measured } from './bench-part.ts'
import { measureEnrolment } from './part/enrolment.ts'
import { measureGroupCommit } from './part/group-commit.ts'
import { measureSameness } from './part/sameness.ts'
import { measureSideBySide } from './part/side-by-side.ts'
import { measureSlowDisk } from './part/slow-disk.ts'
import { measureSshLogins } from './part/ssh-login.ts'
import { measureStoreSizes } from './part/store-size.ts'
import { measureVerifierStart } from './part/verifier-start.ts'
import { PART_NAMES, type PartName } from './part-name.ts'
import type { Plan } from './plan.ts'
import type { Stage } from './stage.ts'
import { type Daemon, isDaemonBuilt, startDaemon } from './subject/daemon.ts'

interface Part {
  /** For whoever waits. */
  readonly what: string
  readonly measure: (
    stage: Stage,
    daemon: Daemon | undefined,
    plan: Plan,
  ) => Promise<readonly Measured[]>
}

const PARTS: Readonly<Record<PartName, Part>> = {
  'verifier-start': {
    what: 'the start of the verifier',
    measure: async (stage, daemon, { verifierRounds }) => [
      await unaided(daemon, () => measureVerifierStart(stage, daemon?.client, verifierRounds)),
    ],
  },
  'side-by-side': { what: 'side by side, through PAM', measure: measureServed },
  'slow-disk': {
    what: 'a slow disk',
    measure: async (stage, _daemon, { slowRounds: rounds, slowPasses: passes }) => [
      await measureSlowDisk(stage, { rounds, passes }),
    ],
  },
  'ssh-login': {
    what: 'logins by ssh',
    measure: async (stage, daemon, { sshRounds }) => [
      await unaided(daemon, () => measureSshLogins(stage, daemon?.client, sshRounds)),
    ],
  },
  'group-commit': {
    what: 'group commit',
    measure: async ({ host }, _daemon, { groupLogins }) => [
      measureGroupCommit(host.secretDirectory, groupLogins),
    ],
  },
  enrolment: {
    what: 'enrolment',
    measure: async ({ host }, _daemon, { enrolments }) => [
      await measureEnrolment(host, enrolments),
    ],
  },
  'store-size': {
    what: 'the size of the store',
    measure: async ({ host }, _daemon, { sizes, storeRounds }) => [
      await measureStoreSizes(host.secretDirectory, sizes, storeRounds),
    ],
  },
  sameness: {
    what: 'whether refusals take the same time',
    measure: async ({ host }, _daemon, { samenessRounds }) => [
      await measureSameness(host, samenessRounds),
    ],
  },
}

export interface RunOptions {
  readonly plan: Plan
  readonly leftOut: readonly PartName[]
  /** Is told what comes next. */
  readonly say: (what: string) => void
}

/** All parts in turn, but for those that are left out. */
export async function measureAll(
  stage: Stage,
  { plan, leftOut, say }: RunOptions,
): Promise<readonly Measured[]> {
  const { host, served } = stage
  const daemon = isDaemonBuilt() ? await startDaemon(host, served, { name: 'daemon' }) : undefined
  if (daemon === undefined)
    say('all but the daemon: bin/otpgated or dist/otpgate-client is missing')
  const measured: Measured[] = []
  try {
    for (const name of PART_NAMES.filter((part) => !leftOut.includes(part))) {
      say(PARTS[name].what)
      measured.push(...(await PARTS[name].measure(stage, daemon, plan)))
    }
    return measured
  } finally {
    await daemon?.stop()
  }
}

async function measureServed(stage: Stage, daemon: Daemon | undefined, plan: Plan) {
  const measured = await measureSideBySide(stage, daemon, plan)
  return [...measured, ...(daemon === undefined ? [] : [peakOf(daemon)])]
}

/** Read behind the storms: whatever they have made it hold is in it. */
function peakOf(daemon: Daemon): Measured {
  const MiB = daemon.peakMiB()
  const one = { rounds: 1, p10: MiB, p50: MiB, p90: MiB, p99: MiB }
  return { samples: [{ name: 'daemon, peak', unit: 'MiB', ...one }], ratios: [] }
}

/** One login at a time, none of which the daemon may leave to the direct verifier: that has its own figures. */
async function unaided(
  daemon: Daemon | undefined,
  measure: () => Promise<Measured>,
): Promise<Measured> {
  const before = daemon?.fallbacks()
  const measured = await measure()
  if (daemon?.fallbacks() !== before) throw new Error('the direct verifier had to stand in')
  return measured
}
