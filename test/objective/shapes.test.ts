/** Drift in a report: times and ids as people read them, and no more of it than was asked for. */
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/objective/report.ts'
import { type ReportInput, reportOf } from '../../src/objective/report-of.ts'
import { FLIGHTS, goodRun, NOW, START } from '../reports/build.ts'
import { drifted, driftFinding } from '../reports/drift.ts'

const bare = (): ReportInput => ({
  ...{ pipelines: [FLIGHTS], promises: [], verdicts: goodRun() },
  ...{ now: NOW, detail: 'ids', version: '0.1.0' },
})

const report = (parts: Partial<ReportInput> = {}): Report =>
  reportOf({ ...bare(), drift: [drifted()], ...parts })

describe('drift', () => {
  it('stands in the report with ISO times, UUIDs and its sentence', () => {
    const [first] = report().drift.findings
    expect(first).toMatchObject({
      ...{ code: 'type_changed', severity: 'error', hop: 'checkin', path: '/delay' },
      ...{ since: '2026-11-23T01:02:00.000Z', until: '2026-11-23T01:05:00.000Z' },
      ids: [expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)],
    })
    expect(first?.sentence).not.toBe('')
    const { versions } = report().drift
    expect(versions.map((v) => [v.version, v.firstSeen, v.lastSeen])).toEqual([
      [3, '2026-11-23T01:00:00.000Z', '2026-11-23T01:06:00.000Z'],
      [4, '2026-11-23T01:02:00.000Z', '2026-11-23T01:10:00.000Z'],
    ])
  })

  it('has no ids in a summary', () => {
    const { findings } = report({ detail: 'summary' }).drift
    expect(findings.map(({ ids }) => ids)).toEqual([[], [], []])
  })

  it('shows values that were asked for, and none in a summary', () => {
    const args = { expected: 'one of 2 values', values: ['"late-42"'] }
    const drift = [drifted({ findings: [driftFinding('unseen_value', { args })] })]
    expect(JSON.stringify(report({ drift }))).toContain('late-42')
    const summary = report({ drift, detail: 'summary' })
    expect(summary.drift.findings[0]?.args).toEqual({ expected: 'one of 2 values' })
    expect(JSON.stringify(summary)).not.toContain('late-42')
  })

  it('is empty where nobody looked', () => {
    expect(reportOf(bare()).drift).toEqual({ findings: [], versions: [] })
  })

  it('leaves out what was over before the time asked for', () => {
    const at = (minute: number): Report => report({ since: START + minute * 60_000 })
    // The findings ended at minute 5, version 3 at minute 6.
    expect(at(4).drift.findings).toHaveLength(3)
    expect(at(5).drift.findings).toHaveLength(0)
    expect(at(6).drift.versions.map((v) => v.version)).toEqual([4])
  })
})

describe('the headline', () => {
  const headline = (...findings: readonly ReturnType<typeof driftFinding>[]): string =>
    report({ drift: [drifted({ findings })] }).headline

  it('tells errors of shape, and nothing less', () => {
    expect(headline(driftFinding('type_changed'))).toBe(
      'Of 800 messages none was lost, doubled or altered. Messages of flights are not what was promised.',
    )
    expect(headline(driftFinding('unknown_field'), driftFinding('new_version'))).toBe(
      'Of 800 messages none was lost, doubled or altered.',
    )
  })

  it('counts topics, not findings', () => {
    const wrong = [
      driftFinding('type_changed'),
      driftFinding('missing_field'),
      driftFinding('missing_field', { topic: 'flights.enriched' }),
    ]
    expect(headline(...wrong)).toContain('Messages of flights and of 1 other topic are not what')
  })
})
