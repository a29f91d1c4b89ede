import type { Measured } from '../bench-part.ts'
import type { Crowd } from '../crowd.ts'
import type { GoalName } from '../goal.ts'
import { interleave } from '../interleave.ts'
import type { BatchResult, PamDriver } from '../pam-driver.ts'
import { quantiles, type Ratio, type Storm } from '../sample.ts'
import type { Subject } from '../subject/subject.ts'

/** Logins in one pass, by how many run at the same time: a slow subject alone takes long enough. */
const LOGINS: Readonly<Record<number, number>> = { 1: 32, 8: 96 }

/** How long a subject may take before a right code counts as denied. */
export interface Patience {
  readonly ms: number
  readonly goal: GoalName
}

/** A subject of storms. */
export interface StormSubject extends Subject {
  /** Where it is held to it at the most clients. */
  readonly patience?: Patience
}

export interface StormPlan {
  readonly clients: readonly number[]
  readonly passes: number
  readonly suffix?: string
}

interface Pass {
  readonly result: BatchResult
  /** Of a daemon. */
  readonly besideMs: number
  readonly fallbacks: number | undefined
}

/** Many people at the same time, each once and with a right code. */
export async function measureStorms(
  driver: PamDriver,
  crowd: Crowd,
  subjects: readonly StormSubject[],
  { clients, passes, suffix = '' }: StormPlan,
): Promise<Measured> {
  const storms: Storm[] = []
  const ratios: Ratio[] = []
  for (const count of clients) {
    const names = crowd.names.slice(0, LOGINS[count] ?? crowd.names.length)
    const runs = subjects.map((subject) => {
      return [subject.id, () => runPass(driver, crowd, subject, names, count)] as const
    })
    const passesOf = await interleave(Object.fromEntries(runs), passes, 0)
    for (const subject of subjects) {
      const all = passesOf(subject.id)
      const name = `${subject.title}${suffix}`
      storms.push(toStorm(name, count, all, subject.patience?.ms))
      if (subject.patience === undefined || count !== Math.max(...clients)) continue
      ratios.push(toDenied(name, count, all, subject.patience))
    }
  }
  return { samples: [], ratios, storms }
}

/** How much faster one storm is than another, in logins a second; none where one is not there. */
export function relateThroughput(
  storms: readonly Storm[],
  clients: number,
  { over, under, goal }: { over: string; under: string; goal?: GoalName },
): readonly Ratio[] {
  const find = (name: string) =>
    storms.find((each) => each.name === name && each.clients === clients)
  const [above, below] = [find(over), find(under)]
  if (above === undefined || below === undefined) return []
  const name = `${over} / ${under}, logins a second at ${clients} clients`
  const cpu = above.cpuMs / below.cpuMs
  return [{ name, value: above.perSecond / below.perSecond, goal, cpu }]
}

async function runPass(
  driver: PamDriver,
  crowd: Crowd,
  subject: Subject,
  names: readonly string[],
  workers: number,
): Promise<Pass> {
  subject.reset(names)
  const before = { cpuMs: subject.cpuMs(), fallbacks: subject.fallbacks?.() ?? 0 }
  const { service } = subject
  const result = await driver.logIn({ service, names, answer: crowd.rightCode(), workers })
  const fallbacks = subject.fallbacks && subject.fallbacks() - before.fallbacks
  return { result, besideMs: subject.cpuMs() - before.cpuMs, fallbacks }
}

function toStorm(
  name: string,
  clients: number,
  passes: readonly Pass[],
  patienceMs = Number.POSITIVE_INFINITY,
): Storm {
  const logins = passes.flatMap(({ result }) => result.logins)
  const accepted = logins.filter(({ ok, ms }) => ok && ms <= patienceMs)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const fallbacks = passes.flatMap((pass) => pass.fallbacks ?? [])
  const at = quantiles(logins.map(({ ms }) => ms))
  const cpuMs =
    sum(logins.map((login) => login.cpuMs)) + sum(passes.map(({ besideMs }) => besideMs))
  return {
    name,
    clients,
    logins: logins.length,
    perSecond: accepted.length / (sum(passes.map(({ result }) => result.wallMs)) / 1000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    longestMs: at(1),
    cpuMs: cpuMs / logins.length,
    denied: logins.length - accepted.length,
    fallbacks: fallbacks.length > 0 ? sum(fallbacks) : undefined,
  }
}

function toDenied(
  name: string,
  clients: number,
  passes: readonly Pass[],
  patience: Patience,
): Ratio {
  const { logins, denied } = toStorm(name, clients, passes, patience.ms)
  const within = `within ${patience.ms / 1000} s`
  const what = `${name}, right codes denied of ${logins}, ${clients} at once ${within}, share`
  return { name: what, value: denied / logins, goal: patience.goal }
}
