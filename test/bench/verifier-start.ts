import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEHIND_A_KEY } from '../support/code-service.ts'
import type { OtpgateHost } from '../support/otpgate-host.ts'
import type { Measured } from './bench-part.ts'
import { compile } from './compile.ts'
import { interleave } from './interleave.ts'
import { relate, summarize } from './sample.ts'
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

/** What one run of the verifier costs over what Node itself costs to start. */
export async function measureVerifierStart(
  host: OtpgateHost,
  subject: Subject,
  rounds: number,
): Promise<Measured> {
  const meter = compile('child-meter.c', host.directory)
  const emptyScript = join(host.directory, 'empty.cjs')
  writeFileSync(emptyScript, '')
  const pam = {
    ...{ PAM_SERVICE: 'sshd', PAM_TYPE: 'auth', PAM_TTY: 'ssh', PAM_USER: subject.name },
    ...BEHIND_A_KEY,
  }
  const verify = (input: () => string, status: number) => () => {
    subject.reset()
    return run(meter, { argv: subject.otpgate.verifier, env: pam, input: input(), status })
  }
  const argv = [process.execPath, '--disable-sigusr1', emptyScript]
  const costs = await interleave(
    {
      empty: () => run(meter, { argv, env: {}, input: '', status: 0 }),
      denied: verify(() => subject.wrongCode, 1),
      accepted: verify(() => subject.rightCode(), 0),
    },
    rounds,
  )
  const sample = (name: 'empty' | 'denied' | 'accepted') => ({
    wall: summarize(
      `${TITLES[name]}, time`,
      'ms',
      costs(name).map((cost) => cost.wallMs),
    ),
    cpu: summarize(
      `${TITLES[name]}, CPU`,
      'ms',
      costs(name).map((cost) => cost.cpuMs),
    ),
    peak: summarize(
      `${TITLES[name]}, peak`,
      'MiB',
      costs(name).map((cost) => cost.peakMiB),
    ),
  })
  const [empty, denied, accepted] = [sample('empty'), sample('denied'), sample('accepted')]
  return {
    samples: [empty, denied, accepted].flatMap((one) => [one.wall, one.cpu, one.peak]),
    ratios: [denied, accepted].flatMap((one) => [
      relate(one.wall, empty.wall, TIME_AT_MOST),
      relate(one.cpu, empty.cpu),
      relate(one.peak, empty.peak, MEMORY_AT_MOST),
    ]),
  }
}

const TITLES = {
  empty: 'empty Node script',
  denied: 'verifier, code denied',
  accepted: 'verifier, code accepted',
} as const

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
