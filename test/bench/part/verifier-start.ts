import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEHIND_A_KEY } from '../../support/code-service.ts'
import { DIRECT_VERIFIER, type Otpgate } from '../../support/otpgate-host.ts'
import type { Measured } from '../bench-part.ts'
import { compile } from '../compile.ts'
import type { GoalName } from '../goal.ts'
import { interleave } from '../interleave.ts'
import { relate, type Sample, summarize } from '../sample.ts'
import type { Stage } from '../stage.ts'
import { resetAccounts } from '../subject/otpgate-front.ts'

interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMiB: number
}

interface Run {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input: string
  readonly status: number
}

/** What one run of a program takes, in the order of the report. */
interface CostSamples {
  readonly wall: Sample
  readonly cpu: Sample
  readonly peak: Sample
}

/**
 * What one run of the direct verifier costs over what Node itself costs to start; and of the client,
 * where there is one. The others are run by a static program, whose own half a MiB is the least peak
 * that can be seen.
 */
export async function measureVerifierStart(
  stage: Stage,
  client: Otpgate['verifier'] | undefined,
  rounds: number,
): Promise<Measured> {
  const { asked, ...others } = prepareRuns(stage, client)
  const runs = { ...others, ...(asked && { asked }) }
  const costs = await interleave<string, Cost>(runs, rounds)
  const node = toSamples('empty Node script', costs('empty'))
  const denied = toSamples('direct verifier, code denied', costs('denied'))
  const accepted = toSamples('direct verifier, code accepted', costs('accepted'))
  const clients = asked ? [toSamples('client, code accepted', costs('asked'))] : []
  return {
    samples: [node, denied, accepted, ...clients].flatMap(({ wall, cpu, peak }) => [
      wall,
      cpu,
      peak,
    ]),
    ratios: [...compare(denied, node), ...compare(accepted, node, 'directTime', 'directMemory')],
  }
}

function compare(verifier: CostSamples, node: CostSamples, time?: GoalName, memory?: GoalName) {
  const cpu = relate(verifier.cpu, node.cpu)
  return [
    { ...relate(verifier.wall, node.wall, time), cpu: cpu.value },
    cpu,
    relate(verifier.peak, node.peak, memory),
  ]
}

function prepareRuns(
  { host, otpgate, served, crowd }: Stage,
  client: Otpgate['verifier'] | undefined,
) {
  const meter = compile('child-meter.c', host.directory, '-static')
  const emptyScript = join(host.directory, 'empty.cjs')
  writeFileSync(emptyScript, '')
  const [name = ''] = crowd.names
  const env = {
    ...{ PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', PAM_TTY: 'ssh', PAM_USER: name },
    ...BEHIND_A_KEY,
  }
  const verify = (argv: readonly string[], input: string, status: number, on = otpgate) => {
    resetAccounts(on.databaseFile, [name])
    return run(meter, { argv, env, input, status })
  }
  const node = [process.execPath, '--disable-sigusr1', emptyScript]
  const direct = [DIRECT_VERIFIER, '--config', otpgate.configFile]
  return {
    empty: () => run(meter, { argv: node, env: {}, input: '', status: 0 }),
    denied: () => verify(direct, crowd.wrongCode, 1),
    accepted: () => verify(direct, crowd.rightCode(), 0),
    asked: client && (() => verify(client, crowd.rightCode(), 0, served)),
  }
}

function toSamples(title: string, costs: readonly Cost[]): CostSamples {
  const sample = (what: string, unit: Sample['unit'], read: (cost: Cost) => number) =>
    summarize(`${title}, ${what}`, unit, costs.map(read))
  return {
    wall: sample('time', 'ms', ({ wallMs }) => wallMs),
    cpu: sample('CPU', 'ms', ({ cpuMs }) => cpuMs),
    peak: sample('peak', 'MiB', ({ peakMiB }) => peakMiB),
  }
}

function run(meter: string, { argv, env, input, status }: Run): Cost {
  const { stdout, stderr } = spawnSync(meter, argv, { env, input, encoding: 'utf8' })
  const [wallNs, cpuUs, peakKib, ended] = stdout.split(' ').map(Number)
  if (ended !== status) throw new Error(`${argv[0]} ended with ${ended}, not ${status}: ${stderr}`)
  return {
    wallMs: Number(wallNs) / 1e6,
    cpuMs: Number(cpuUs) / 1e3,
    peakMiB: Number(peakKib) / 1024,
  }
}
