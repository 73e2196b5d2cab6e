/** Counts of a test run, and how to read them from vitest's JSON report. */

import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

export interface Tally {
  readonly passed: number
  /** One name for each failure. */
  readonly failures: readonly string[]
  /** One name for each test that did not run. */
  readonly skipped: readonly string[]
}

export const nothing: Tally = { passed: 0, failures: [], skipped: [] }

export function plus(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failures: [...a.failures, ...b.failures],
    skipped: [...a.skipped, ...b.skipped],
  }
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** `status` is the exit code: a run that failed without a failed test still has one failure. */
export function readVitest(file: string, project: string, status: number): Tally {
  if (!existsSync(file)) return { ...nothing, failures: [`${project} tests: no report`] }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const tally = report.testResults.map(tallyOfFile).reduce(plus, nothing)
  if (status === 0 || tally.failures.length > 0) return tally
  return { ...tally, failures: [`${project} tests: vitest exited with ${status}`] }
}

function tallyOfFile({ status, assertionResults, ...file }: Report['testResults'][number]): Tally {
  const name = relative(process.cwd(), file.name)
  const named = (wanted: (status: string) => boolean): string[] =>
    assertionResults
      .filter((test) => wanted(test.status))
      .map((test) => `${name}: ${test.fullName.trim()}`)
  const passed = named((it) => it === 'passed').length
  const failures = named((it) => it === 'failed')
  const skipped = named((it) => it !== 'passed' && it !== 'failed')
  // A file that does not even load has no tests, and a failed hook fails none of them.
  if (status === 'failed' && failures.length === 0) failures.push(name)
  return { passed, failures, skipped }
}
