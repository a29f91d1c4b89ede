import { readFileSync } from 'node:fs'
import { runTrial } from '../../../src/setup/trial/run-trial.ts'

// A trial in a process of its own, to be killed: the request comes on stdin, each step goes to stdout.

const request = JSON.parse(readFileSync(0, 'utf8'))
const onStep = (step: string) => void process.stdout.write(`${step}\n`)
process.stdout.write(`${JSON.stringify(await runTrial({ ...request, onStep }))}\n`)
