import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readVitest } from '../support/tally.ts'

describe('the counts of a vitest report', () => {
  it('takes passed, failed and skipped tests apart, by name', () => {
    const file = report([
      {
        name: resolve('a.test.ts'),
        status: 'failed',
        assertionResults: [
          { fullName: ' works', status: 'passed' },
          { fullName: ' breaks', status: 'failed' },
          { fullName: ' waits', status: 'skipped' },
          { fullName: ' will be', status: 'todo' },
        ],
      },
    ])

    expect(readVitest(file, 'unit', 1)).toEqual({
      passed: 1,
      failures: ['a.test.ts: breaks'],
      skipped: ['a.test.ts: waits', 'a.test.ts: will be'],
    })
  })

  it('counts a file that does not load as one failure', () => {
    const file = report([{ name: resolve('a.test.ts'), status: 'failed', assertionResults: [] }])

    expect(readVitest(file, 'unit', 1).failures).toEqual(['a.test.ts'])
  })

  it('counts a run that failed outside of any test as one failure', () => {
    expect(readVitest(report([]), 'unit', 1).failures).toEqual(['unit tests: vitest exited with 1'])
  })

  it('counts a run without a report as one failure', () => {
    expect(readVitest('/nowhere.json', 'unit', 0).failures).toEqual(['unit tests: no report'])
  })
})

function report(testResults: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-tally-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify({ testResults }))
  return file
}
