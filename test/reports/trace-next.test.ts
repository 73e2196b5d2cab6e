/** The command under a trace: it is copied into a shell as it is. */
import { expect, test } from 'vitest'
import { renderTrace } from '../../reports/trace.ts'
import type { Trace, TraceWay } from '../../src/diagnose/trace.ts'

const START = Date.parse('2026-11-23T01:00:00.000Z')

function wayOf(pipeline: string, edge: string, says: 'wrong' | 'passed'): TraceWay {
  const [, topic = ''] = edge.split(' → ')
  return {
    ...{ pipeline, owner: {}, state: says === 'wrong' ? 'wrong' : 'fine' },
    window: { start: START, end: START + 60_000 },
    steps: [
      {
        ...{ hop: topic, role: 'topic', cluster: 'default', topic, group: '', name: '' },
        ...{ places: [], searched: null, content: null, commits: [], typical: null },
        edges: [
          {
            edge,
            says,
            verdict: 'breached',
            state: 'settled',
            evidence: 'exact',
            findings: [],
            why: [],
          },
        ],
      },
    ],
  }
}

const traceOf = (...ways: readonly TraceWay[]): Trace => ({
  ...{ asked: 'x', id: 'x', born: START, state: 'wrong', minted: null },
  ...{ ways, mishaps: [], unknown: [] },
})
const nextOf = (trace: Trace, flags?: readonly string[]): string[] =>
  renderTrace(trace, flags === undefined ? {} : { flags })
    .split('\n')
    .filter((line) => line.startsWith('Next: '))

test('stands on one line, however long its names are', () => {
  const edge = `${'enrich'.repeat(10)} → ${'enriched'.repeat(10)}`
  expect(nextOf(traceOf(wayOf('flights', edge, 'wrong')))).toEqual([
    `Next: quipu explain '${edge.replace('→', '->')}@2026-11-23T01:00:00.000Z'`,
  ])
})

test('is one word where a name has quotes, and shows what is hidden in it', () => {
  expect(nextOf(traceOf(wayOf('flights', "it's → b\u001b[2J; id", 'wrong')))).toEqual([
    `Next: quipu explain 'it'\\''s -> b\\u{1b}[2J; id@2026-11-23T01:00:00.000Z'`,
  ])
})

test('names the store that was read, and the pipeline where there are more', () => {
  const [fine, wrong] = [wayOf('other', 'a → b', 'passed'), wayOf('flights', 'a → b', 'wrong')]
  expect(nextOf(traceOf(fine, wrong), ['--store', 'x.db'])).toEqual([
    "Next: quipu explain 'a -> b@2026-11-23T01:00:00.000Z' --pipeline flights --store x.db",
  ])
})

test('is none where nothing is wrong', () => {
  expect(nextOf(traceOf(wayOf('flights', 'a → b', 'passed')))).toEqual([])
})
