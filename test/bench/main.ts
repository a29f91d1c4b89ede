import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAll } from './measure-all.ts'
import { PART_NAMES, parseLeftOut } from './part-name.ts'
import { QUICK, WHOLE } from './plan.ts'
import { enterPrivateMachine } from './private-machine.ts'
import { renderReport } from './render-report.ts'
import { createReport, gatherRunFacts } from './report.ts'
import { onStage } from './stage.ts'

const USAGE = `npm run bench                        about twelve minutes, as root
npm run bench -- --quick             fewer rounds, and no million of people
npm run bench -- --only PART[,PART]  nothing but these parts
npm run bench -- --out FILE          where the JSON goes; bench.json where nothing is said
parts: ${PART_NAMES.join(' ')}
`
const EXIT_USAGE = 2

void main()

async function main(): Promise<void> {
  const options = readOptions()
  if (options === undefined) return
  if (!options.inside) enterPrivateMachine(process.argv.slice(2))
  const { quick, leftOut } = options
  const facts = gatherRunFacts(quick, leftOut)
  const plan = quick ? QUICK : WHOLE
  const measured = await onStage((stage) => measureAll(stage, { plan, leftOut, say }))
  const report = createReport(facts, measured)
  process.stdout.write(renderReport(report))
  writeFileSync(options.out, `${JSON.stringify(report, undefined, 2)}\n`)
  process.stderr.write(`written: ${resolve(options.out)}\n`)
}

/** `undefined`: usage was shown. A ratio that is missed is no failure: the machine may be busy. */
function readOptions() {
  try {
    const options = {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: PART_NAMES.join(',') },
      out: { type: 'string', default: 'bench.json' },
      inside: { type: 'boolean', default: false },
    } as const
    const { only, ...values } = parseArgs({ options }).values
    return { ...values, leftOut: parseLeftOut(only) }
  } catch {
    process.stderr.write(USAGE)
    process.exitCode = EXIT_USAGE
    return undefined
  }
}

function say(what: string): void {
  process.stderr.write(`measuring: ${what}\n`)
}
