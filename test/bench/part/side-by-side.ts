import { DIRECT_VERIFIER } from '../../support/otpgate-host.ts'
import type { Measured } from '../bench-part.ts'
import { openPamDriver } from '../pam-driver.ts'
import type { Stage } from '../stage.ts'
import type { Daemon } from '../subject/daemon.ts'
import { addFloors, addGoogle, addOath } from '../subject/other-module.ts'
import { addFront, type Front } from '../subject/otpgate-front.ts'
import type { Subject } from '../subject/subject.ts'
import { type Comparison, measureLoginCost } from './login-cost.ts'
import { measureStorms, relateThroughput, type StormSubject } from './storm.ts'

const CALL_COMPARISONS: readonly Comparison[] = [
  { over: 'daemon', under: 'exec', goal: 'daemonFloor' },
  { over: 'daemon', under: 'google', goal: 'daemonGoogle' },
  { over: 'daemon', under: 'oath-10' },
  { over: 'daemon', under: 'oath-10000' },
  { over: 'daemon', under: 'oath-100000' },
  { over: 'direct', under: 'exec' },
  { over: 'direct', under: 'google' },
  { over: 'google', under: 'exec' },
]

const STACK_COMPARISONS: readonly Comparison[] = [
  { over: 'daemon-recommended', under: 'google-stack', goal: 'wholeRecipe' },
  { over: 'daemon-lean', under: 'google-stack' },
  { over: 'direct-recommended', under: 'google-stack' },
  { over: 'direct-lean', under: 'google-stack' },
]

const CLIENTS = [1, 8, 64, 256] as const
/** At which throughput is compared. */
const COMPARED_CLIENTS = 64

export interface SideBySidePlan {
  readonly callRounds: number
  readonly stackRounds: number
  readonly stormPasses: number
}

/** Everything that can ask for a code, measured in turn: calls, whole stacks, many at once. */
export async function measureSideBySide(
  stage: Stage,
  daemon: Daemon | undefined,
  { callRounds, stackRounds, stormPasses }: SideBySidePlan,
): Promise<readonly Measured[]> {
  const driver = openPamDriver(stage.driver)
  const { calls, stacks, storms } = addSubjects(stage, daemon)
  try {
    const ofCalls = { rounds: callRounds, comparisons: CALL_COMPARISONS }
    const ofStacks = { rounds: stackRounds, comparisons: STACK_COMPARISONS }
    const ofStorms = { clients: CLIENTS, passes: stormPasses }
    const stormed = await measureStorms(driver, stage.crowd, storms, ofStorms)
    return [
      await measureLoginCost(driver, stage.crowd, calls, ofCalls),
      await measureLoginCost(driver, stage.crowd, stacks, ofStacks),
      { ...stormed, ratios: [...throughputOf(stormed, storms), ...stormed.ratios] },
    ]
  } finally {
    driver.close()
  }
}

function throughputOf({ storms = [] }: Measured, subjects: readonly Subject[]) {
  const titleOf = (id: string) => subjects.find((subject) => subject.id === id)?.title ?? ''
  const under = titleOf('google')
  return [
    ...relateThroughput(storms, COMPARED_CLIENTS, {
      ...{ over: titleOf('daemon'), under, goal: 'daemonThroughput' },
    }),
    ...relateThroughput(storms, COMPARED_CLIENTS, { over: titleOf('direct'), under }),
  ]
}

function addSubjects(stage: Stage, daemon: Daemon | undefined) {
  const { host, crowd } = stage
  const { permit, exec } = addFloors(host)
  const google = addGoogle(host, crowd)
  const oaths = [10, 10_000, 100_000].map((people) => addOath(host, crowd, people))
  const fronts = frontsOf(stage, daemon).map((front) => addFront(host, front))
  const calls = fronts.map(({ call }) => call)
  return {
    calls: [permit, exec, google.call, ...oaths, ...calls],
    stacks: [google.stack, ...fronts.flatMap(({ recommended, lean }) => [recommended, lean])],
    storms: [
      exec,
      google.call,
      // The smallest file that holds everybody in the crowd.
      ...oaths.slice(1, 2),
      ...calls.map(withPatience),
    ],
  }
}

function frontsOf({ otpgate, served }: Stage, daemon: Daemon | undefined): readonly Front[] {
  const verifier = [DIRECT_VERIFIER, '--config', otpgate.configFile] as const
  return [
    { id: 'direct', title: 'direct', verifier, otpgate },
    ...(daemon
      ? [
          {
            ...{ id: 'daemon', title: 'daemon', otpgate: served },
            ...{ verifier: daemon.client, cpuMs: daemon.cpuMs, fallbacks: daemon.fallbacks },
          },
        ]
      : []),
  ]
}

function withPatience(call: Subject): StormSubject {
  const isDirect = call.id === 'direct'
  const patience = isDirect
    ? ({ ms: 20_000, goal: 'directDenied' } as const)
    : ({ ms: 5000, goal: 'daemonDenied' } as const)
  return { ...call, patience }
}
