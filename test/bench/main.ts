import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type OtpgateHost, openOtpgateHost } from '../support/otpgate-host.ts'
import type { Measured } from './bench-part.ts'
import { measurePamStacks } from './pam-stack.ts'
import { createReport, renderReport } from './report.ts'
import { measureSameness } from './sameness.ts'
import { measureStoreSizes } from './store-size.ts'
import { openSubject } from './subject.ts'
import { measureVerifierStart } from './verifier-start.ts'

const USAGE = `npm run bench                    about eight minutes, as root
npm run bench -- --quick         fewer rounds, and no million of people
npm run bench -- --out FILE      where the JSON goes; bench.json where nothing is said
`
const EXIT_USAGE = 2

interface Plan {
  readonly verifierRounds: number
  readonly pamRounds: number
  readonly storeRounds: number
  readonly samenessRounds: number
  readonly sizes: readonly number[]
}

const WHOLE: Plan = {
  verifierRounds: 100,
  pamRounds: 100,
  storeRounds: 600,
  samenessRounds: 200,
  sizes: [1000, 100_000, 1_000_000],
}
const QUICK: Plan = {
  verifierRounds: 15,
  pamRounds: 15,
  storeRounds: 200,
  samenessRounds: 20,
  sizes: [1000, 100_000],
}

void main()

async function main(): Promise<void> {
  const options = readOptions()
  if (options === undefined) return
  const report = createReport(
    await measureAll(options.quick ? QUICK : WHOLE),
    new Date(),
    options.quick,
  )
  process.stdout.write(renderReport(report))
  writeFileSync(options.out, `${JSON.stringify(report, undefined, 2)}\n`)
  process.stderr.write(`written: ${options.out}\n`)
}

/** `undefined`: usage was shown. A ratio that is missed is no failure: the machine may be busy. */
function readOptions(): { readonly quick: boolean; readonly out: string } | undefined {
  try {
    const options = {
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench.json' },
    } as const
    return parseArgs({ options }).values
  } catch {
    process.stderr.write(USAGE)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

async function measureAll(plan: Plan): Promise<readonly Measured[]> {
  const host = openOtpgateHost()
  try {
    const subject = await openSubject(host)
    say('the start of the verifier')
    const start = await measureVerifierStart(host, subject, plan.verifierRounds)
    say('whole PAM stacks')
    const stacks = await measurePamStacks(host, subject, plan.pamRounds)
    say('the size of the store')
    const stores = await measureStores(host, plan)
    say('whether refusals take the same time')
    return [start, stacks, stores, await measureSameness(host, plan.samenessRounds)]
  } finally {
    host.close()
  }
}

function measureStores(host: OtpgateHost, plan: Plan): Promise<Measured> {
  return measureStoreSizes(join(host.secretDirectory), plan.sizes, plan.storeRounds)
}

function say(what: string): void {
  process.stderr.write(`measuring: ${what}\n`)
}
