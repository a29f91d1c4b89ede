import { setTimeout as wait } from 'node:timers/promises'
import type { Measured } from '../bench-part.ts'
import type { Crowd } from '../crowd.ts'
import type { GoalName } from '../goal.ts'
import { interleave } from '../interleave.ts'
import type { PamDriver } from '../pam-driver.ts'
import { relate, type Sample, summarize } from '../sample.ts'
import type { Subject } from '../subject/subject.ts'

/** What one login took. */
interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
}

/** Two subjects to compare, by id; no ratio where one of them is not there. */
export interface Comparison {
  readonly over: string
  readonly under: string
  readonly goal?: GoalName
}

export interface LoginCostPlan {
  readonly rounds: number
  readonly comparisons: readonly Comparison[]
  /** Behind each subject's title, such as the state of the disk. */
  readonly suffix?: string
}

/**
 * One accepted login after the other, all subjects in turn. State is put back before each, for all
 * alike, so that all of them can be measured within one step.
 */
export async function measureLoginCost(
  driver: PamDriver,
  crowd: Crowd,
  subjects: readonly Subject[],
  { rounds, comparisons, suffix = '' }: LoginCostPlan,
): Promise<Measured> {
  const logins = subjects.map(
    (subject) => [subject.id, createLogin(driver, crowd, subject)] as const,
  )
  const costs = await interleave(Object.fromEntries(logins), rounds)
  const sampleOf = ({ id, title }: Subject, unit: string, read: (cost: Cost) => number): Sample =>
    summarize(`${title}${suffix}${unit}`, 'ms', costs(id).map(read))
  const walls = subjects.map((subject) => sampleOf(subject, '', ({ wallMs }) => wallMs))
  const cpus = subjects.map((subject) => sampleOf(subject, ', CPU', ({ cpuMs }) => cpuMs))
  const find = (samples: readonly Sample[], id: string) =>
    samples[subjects.findIndex((subject) => subject.id === id)]
  const relateIn = (samples: readonly Sample[], { over, under, goal }: Comparison) => {
    const [above, below] = [find(samples, over), find(samples, under)]
    return above === undefined || below === undefined ? [] : [relate(above, below, goal)]
  }
  const relateBoth = (comparison: Comparison) => {
    const { over, under } = comparison
    const cpu = relateIn(cpus, { over, under })
    return [...relateIn(walls, comparison).map((wall) => ({ ...wall, cpu: cpu[0]?.value })), ...cpu]
  }
  return {
    samples: walls.flatMap((wall, index) => [wall, ...cpus.slice(index, index + 1)]),
    ratios: comparisons.flatMap(relateBoth),
  }
}

/** What a daemon does right behind its answer still counts. */
const AFTERWARDS_MS = 2

function createLogin(driver: PamDriver, crowd: Crowd, subject: Subject): () => Promise<Cost> {
  const names = crowd.names.slice(0, 1)
  return async () => {
    subject.reset(names)
    const batch = { service: subject.service, names, answer: crowd.rightCode(), workers: 1 }
    const before = subject.cpuMs()
    const standIns = subject.fallbacks?.()
    const [login] = (await driver.logIn(batch)).logins
    if (login === undefined || !login.ok)
      throw new Error(`${subject.title}: a right code was denied`)
    // Nothing else logs in: another way's time would only wrong the figures of this one.
    if (subject.fallbacks?.() !== standIns)
      throw new Error(`${subject.title}: the direct verifier had to stand in`)
    await wait(AFTERWARDS_MS)
    return { wallMs: login.ms, cpuMs: login.cpuMs + subject.cpuMs() - before }
  }
}
