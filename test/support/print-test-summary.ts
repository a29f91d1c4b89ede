import { readFileSync } from 'node:fs'
import { renderSummary, summarizeTests } from './test-summary.ts'

/** print-test-summary.ts REPORT STATUS: prints the summary; exits 1 where anything failed. */
const [file = '', status = '1'] = process.argv.slice(2)
const summary = summarizeTests(readReport(file), Number(status))
process.stdout.write(`${renderSummary(summary)}\n`)
process.exitCode = summary.failed === 0 ? 0 : 1

/** `undefined`: the run ended before there were tests. */
function readReport(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}
