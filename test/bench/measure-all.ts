import type { Measured } from './bench-part.ts'
import { measureEnrolment } from './part/enrolment.ts'
import { measureGroupCommit } from './part/group-commit.ts'
import { measureSameness } from './part/sameness.ts'
import { measureSideBySide } from './part/side-by-side.ts'
import { measureSlowDisk } from './part/slow-disk.ts'
import { measureSshLogins } from './part/ssh-login.ts'
import { measureStoreSizes } from './part/store-size.ts'
import { measureVerifierStart } from './part/verifier-start.ts'
import type { Plan } from './plan.ts'
import type { Stage } from './stage.ts'
import { type Daemon, isDaemonBuilt, startDaemon } from './subject/daemon.ts'

/** All parts in turn; `say` is told what comes next. */
export async function measureAll(
  stage: Stage,
  plan: Plan,
  say: (what: string) => void,
): Promise<readonly Measured[]> {
  const { host, served } = stage
  const daemon = isDaemonBuilt() ? await startDaemon(host, served, { name: 'daemon' }) : undefined
  if (daemon === undefined)
    say('all but the daemon: bin/otpgated or dist/otpgate-client is missing')
  try {
    return [
      ...(await measureLogins(stage, daemon, plan, say)),
      ...(await measureInside(stage, plan, say)),
      ...(daemon === undefined ? [] : [peakOf(daemon)]),
    ]
  } finally {
    await daemon?.stop()
  }
}

async function measureLogins(
  stage: Stage,
  daemon: Daemon | undefined,
  plan: Plan,
  say: (what: string) => void,
): Promise<readonly Measured[]> {
  say('the start of the verifier')
  const start = await measureVerifierStart(stage, daemon?.client, plan.verifierRounds)
  say('side by side, through PAM')
  const all = await measureSideBySide(stage, daemon, plan)
  say('a slow disk')
  const slow = await measureSlowDisk(stage, { rounds: plan.slowRounds, passes: plan.slowPasses })
  say('logins by ssh')
  return [start, ...all, slow, await measureSshLogins(stage, daemon?.client, plan.sshRounds)]
}

async function measureInside(
  { host }: Stage,
  plan: Plan,
  say: (what: string) => void,
): Promise<readonly Measured[]> {
  say('group commit')
  const group = measureGroupCommit(host.secretDirectory, plan.groupLogins)
  say('enrolment')
  const enrolment = await measureEnrolment(host, plan.enrolments)
  say('the size of the store')
  const sizes = await measureStoreSizes(host.secretDirectory, plan.sizes, plan.storeRounds)
  say('whether refusals take the same time')
  return [group, enrolment, sizes, await measureSameness(host, plan.samenessRounds)]
}

/** Read at the end: whatever the storms have made it hold is in it. */
function peakOf(daemon: Daemon): Measured {
  const MiB = daemon.peakMiB()
  const one = { rounds: 1, p10: MiB, p50: MiB, p90: MiB, p99: MiB }
  return { samples: [{ name: 'daemon, peak', unit: 'MiB', ...one }], ratios: [] }
}
