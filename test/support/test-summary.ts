/** How a test run ended, in two numbers. */
export interface TestSummary {
  readonly passed: number
  readonly failed: number
}

interface FileResult {
  readonly failedFile: boolean
  readonly passed: number
  readonly failed: number
}

/**
 * Counts vitest's JSON report. A file that failed without a failed test (it did not load, a hook
 * broke) counts as one failure; so does a run that ended badly without any, be it that checks before
 * the tests failed, or that there is no report at all.
 */
export function summarizeTests(report: string | undefined, exitStatus: number): TestSummary {
  const files = report === undefined ? [] : parseReport(report)
  const passed = sum(files.map((file) => file.passed))
  const failed = sum(files.map((file) => Math.max(file.failed, file.failedFile ? 1 : 0)))
  return { passed, failed: Math.max(failed, exitStatus === 0 ? 0 : 1) }
}

/** The one line that a run ends with. */
export function renderSummary({ passed, failed }: TestSummary): string {
  return `${passed} passed, ${failed} failed`
}

function parseReport(text: string): FileResult[] {
  const report: unknown = JSON.parse(text)
  return listOf(report, 'testResults').map((file) => {
    const statuses = listOf(file, 'assertionResults').map((test) => fieldOf(test, 'status'))
    return {
      failedFile: fieldOf(file, 'status') === 'failed',
      passed: statuses.filter((status) => status === 'passed').length,
      failed: statuses.filter((status) => status === 'failed').length,
    }
  })
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name)
  if (!Array.isArray(list)) throw new Error(`the test report has no list ${name}`)
  return list
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
