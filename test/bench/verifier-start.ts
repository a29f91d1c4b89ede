import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import type { OtpgateHost } from '../support/otpgate-host.ts'
import type { Measured } from './bench-part.ts'
import { compile } from './compile.ts'
import { interleave } from './interleave.ts'
import { relate, type Sample, summarize } from './sample.ts'
import type { Subject } from './subject.ts'

/** facts/PERFORMANCE: direct verifier over an empty script on the same Node. */
const TIME_AT_MOST = 1.6
const MEMORY_AT_MOST = 1.3

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

const TITLES = {
  empty: 'empty Node script',
  denied: 'verifier, code denied',
  accepted: 'verifier, code accepted',
} as const

type RunName = keyof typeof TITLES

/** What one run of the verifier costs over what Node itself costs to start. */
export async function measureVerifierStart(
  host: OtpgateHost,
  subject: Subject,
  rounds: number,
): Promise<Measured> {
  const costs = await interleave(prepareRuns(host, subject), rounds)
  const empty = samplesOf('empty', costs('empty'))
  const denied = samplesOf('denied', costs('denied'))
  const accepted = samplesOf('accepted', costs('accepted'))
  return {
    samples: [empty, denied, accepted].flatMap(({ wall, cpu, peak }) => [wall, cpu, peak]),
    ratios: [denied, accepted].flatMap((verifier) => [
      relate(verifier.wall, empty.wall, TIME_AT_MOST),
      relate(verifier.cpu, empty.cpu),
      relate(verifier.peak, empty.peak, MEMORY_AT_MOST),
    ]),
  }
}

function prepareRuns(host: OtpgateHost, subject: Subject): Readonly<Record<RunName, () => Cost>> {
  const meter = compile('child-meter.c', host.directory)
  const emptyScript = join(host.directory, 'empty.cjs')
  writeFileSync(emptyScript, '')
  const env = {
    ...{ PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', PAM_TTY: 'ssh', PAM_USER: subject.name },
    ...BEHIND_A_KEY,
  }
  const verify = (input: string, status: number) => {
    subject.reset()
    return run(meter, { argv: subject.otpgate.verifier, env, input, status })
  }
  const argv = [process.execPath, '--disable-sigusr1', emptyScript]
  return {
    empty: () => run(meter, { argv, env: {}, input: '', status: 0 }),
    denied: () => verify(subject.wrongCode, 1),
    accepted: () => verify(subject.rightCode(), 0),
  }
}

function samplesOf(name: RunName, costs: readonly Cost[]) {
  const sample = (what: string, unit: Sample['unit'], read: (cost: Cost) => number) =>
    summarize(`${TITLES[name]}, ${what}`, unit, costs.map(read))
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
