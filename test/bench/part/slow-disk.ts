import { DIRECT_VERIFIER } from '../../support/otpgate-host.ts'
import type { Measured } from '../bench-part.ts'
import { compile } from '../compile.ts'
import { openPamDriver, type PamDriver } from '../pam-driver.ts'
import type { Stage } from '../stage.ts'
import { isDaemonBuilt, startDaemon } from '../subject/daemon.ts'
import { writePreloading } from '../subject/launcher.ts'
import { addGoogle, addOath } from '../subject/other-module.ts'
import { addFront, type Front } from '../subject/otpgate-front.ts'
import type { Subject } from '../subject/subject.ts'
import { type Comparison, measureLoginCost } from './login-cost.ts'
import { measureStorms, relateThroughput } from './storm.ts'

/** Added to each sync. */
export const SLOW_MS = 8
const SUFFIX = `, ${SLOW_MS} ms disk`
const CLIENTS = 64

const COMPARISONS: readonly Comparison[] = [
  { over: 'direct', under: 'google' },
  { over: 'daemon', under: 'google' },
]

/** A library that makes each sync of its process slower. */
export function compileSlowSync(directory: string): string {
  return compile('slow-sync.c', directory, '-shared', '-fPIC', `-DSLOW_MS=${SLOW_MS}`)
}

/** Single calls one by one, and many at once, where each sync takes longer for everybody. */
export async function measureSlowDisk(
  stage: Stage,
  { rounds, passes }: { readonly rounds: number; readonly passes: number },
): Promise<Measured> {
  const library = compileSlowSync(stage.host.directory)
  const driver = openPamDriver(stage.driver, library)
  const daemon = await startSlowDaemon(stage, library)
  try {
    const subjects = addSubjects(stage, library, daemon?.front)
    return await measure(driver, stage, subjects, { rounds, passes })
  } finally {
    driver.close()
    await daemon?.stop()
  }
}

async function measure(
  driver: PamDriver,
  { crowd }: Stage,
  subjects: readonly Subject[],
  { rounds, passes }: { readonly rounds: number; readonly passes: number },
): Promise<Measured> {
  const calls = { rounds, comparisons: COMPARISONS, suffix: SUFFIX }
  const single = await measureLoginCost(driver, crowd, subjects, calls)
  const storm = { clients: [CLIENTS], passes, suffix: SUFFIX }
  const { storms = [] } = await measureStorms(driver, crowd, subjects, storm)
  const relateStorms = ({ over, under }: Comparison) =>
    relateThroughput(storms, CLIENTS, {
      over: titleOf(subjects, over),
      under: titleOf(subjects, under),
    })
  return { ...single, ratios: [...single.ratios, ...COMPARISONS.flatMap(relateStorms)], storms }
}

function titleOf(subjects: readonly Subject[], id: string): string {
  return `${subjects.find((subject) => subject.id === id)?.title}${SUFFIX}`
}

async function startSlowDaemon({ host, served }: Stage, library: string) {
  if (!isDaemonBuilt()) return undefined
  const daemon = await startDaemon(host, served, { name: 'slow', library })
  const { client: verifier, cpuMs, fallbacks, stop } = daemon
  const name = { id: 'daemon', title: 'daemon' }
  const front: Front = { ...name, verifier, otpgate: served, cpuMs, fallbacks }
  return { front, stop }
}

function addSubjects(
  { host, otpgate, crowd }: Stage,
  library: string,
  daemon: Front | undefined,
): readonly Subject[] {
  const launcher = writePreloading(host, DIRECT_VERIFIER, library)
  const verifier = [launcher, '--config', otpgate.configFile] as const
  const fronts = [{ id: 'direct', title: 'direct', verifier, otpgate }, ...(daemon ? [daemon] : [])]
  return [
    addGoogle(host, crowd).call,
    addOath(host, crowd, 10_000),
    ...fronts.map((front) => addFront(host, front).call),
  ]
}
