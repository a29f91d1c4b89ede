import { describe, expect, test } from 'vitest'
import { renderSummary, summarizeTests } from './test-summary.ts'

const PASSED = { status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'pending' }] }
const FAILED = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }
const NOT_LOADED = { status: 'failed', assertionResults: [] }

const reportOf = (...testResults: readonly object[]) => JSON.stringify({ testResults })

describe('the summary of a test run', () => {
  test('counts tests that passed and failed, and no skipped ones', () => {
    const summary = summarizeTests(reportOf(PASSED, FAILED), 1)
    expect(summary).toEqual({ passed: 2, failed: 1 })
    expect(renderSummary(summary)).toBe('2 passed, 1 failed')
  })

  test('counts a file that did not load as one failure', () => {
    expect(summarizeTests(reportOf(PASSED, NOT_LOADED), 1)).toEqual({ passed: 1, failed: 1 })
  })

  test('never says 0 failed of a run that ended badly', () => {
    expect(summarizeTests(reportOf(PASSED), 2)).toEqual({ passed: 1, failed: 1 })
    expect(summarizeTests(undefined, 1)).toEqual({ passed: 0, failed: 1 })
  })

  test('says 0 failed where nothing did', () => {
    expect(summarizeTests(reportOf(PASSED), 0)).toEqual({ passed: 1, failed: 0 })
  })

  test('refuses a report it does not understand', () => {
    expect(() => summarizeTests('{}', 0)).toThrow('no list testResults')
  })
})
