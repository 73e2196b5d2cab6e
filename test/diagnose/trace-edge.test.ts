/** Each row: what is known, and the one word that it allows. The first rule that holds wins. */
import { describe, expect, it } from 'vitest'
import { type EdgeEvidence, edgeOf } from '../../src/diagnose/trace-edge.ts'
import type { Finding, FindingCode } from '../../src/finding/finding.ts'
import { type EdgeVerdict, NO_COUNTS } from '../../src/finding/verdict.ts'

const ID = '018f0000000070008000000000000400'
const COPY = '018f0000000070008000000000000401'
const window = { start: 0, end: 1000 }

const finding = (code: FindingCode, ids: readonly string[], count = ids.length): Finding => ({
  ...{ code, pipeline: 'p', edge: 'a → b', window, count, evidence: 'exact', args: {} },
  ids: ids.map((id) => ({ id, times: 1 })),
})

const verdict = (more: Partial<EdgeVerdict> = {}): EdgeVerdict => ({
  ...{ pipeline: 'p', edge: 'a → b', window, state: 'settled', revision: 0, verdict: 'met' },
  ...{ evidence: 'exact', oneIn: 1, counts: NO_COUNTS, from: [], to: [], findings: [] },
  ...more,
})

const breached = (...findings: readonly Finding[]): EdgeVerdict =>
  verdict({ verdict: 'breached', findings })

/** There is such a message, it came as far as the edge, and it ends at a group. */
const at = (more: Partial<EdgeEvidence>): EdgeEvidence => ({
  ...{ edge: 'a → b', verdict: verdict(), ids: new Set([ID]), unjudged: 'no store' },
  ...{ isReached: true, isKnown: true, isThere: false, isAbsent: false, isCommitted: false },
  ...more,
})

describe('what an edge says of a message', () => {
  it.each<[string, Partial<EdgeEvidence>, string]>([
    ['all of its window passed', {}, 'passed'],
    ['it is named lost', { verdict: breached(finding('lost', [ID])) }, 'wrong'],
    // Proven of another, and all that are lost are named.
    ['another is named lost', { verdict: breached(finding('lost', [COPY])) }, 'passed'],
    // One more than is named: it may be this one.
    [
      'not all that are lost are named',
      { verdict: breached(finding('lost', [COPY], 2)) },
      'perhaps',
    ],
    [
      'a finding stands above the log',
      { verdict: breached(finding('lost', [ID])), isThere: true },
      'wrong',
    ],
    [
      'the log stands above what is not named',
      { verdict: breached(finding('lost', [], 2)), isThere: true },
      'passed',
    ],
    [
      'it is in doubt',
      { verdict: verdict({ findings: [finding('unacknowledged', [ID])] }) },
      'doubtful',
    ],
    ['it recovered', { verdict: verdict({ findings: [finding('recovered', [ID])] }) }, 'noted'],
    ['it is under way', { verdict: verdict({ findings: [finding('in_flight', [ID])] }) }, 'open'],
    [
      'some are under way, which is told without names',
      { verdict: verdict({ findings: [finding('in_flight', [], 1)] }) },
      'perhaps',
    ],
    [
      'only infos are without names',
      { verdict: verdict({ findings: [finding('copy_removed', [], 4)] }) },
      'passed',
    ],
    ['it ended before', { isReached: false }, 'not_reached'],
    ['it ended before, and yet it is there', { isReached: false, isThere: true }, 'passed'],
    ['nobody judged it', { verdict: null }, 'unjudged'],
    ['nobody judged it, and it is there', { verdict: null, isThere: true }, 'passed'],
    [
      'nobody judged it, and the group committed past it',
      { verdict: null, isCommitted: true },
      'committed',
    ],
    // A commit is no proof of work: the verdict is about that.
    [
      'a verdict stands above a commit',
      { verdict: breached(finding('lost', [ID])), isCommitted: true },
      'wrong',
    ],
    ['nothing says that there is such a message', { isKnown: false }, 'unknown'],
    ['its window is open', { verdict: verdict({ state: 'open' }) }, 'open'],
    ['evidence is missing', { verdict: verdict({ verdict: 'indeterminate' }) }, 'unknown'],
    ['nothing was seen', { verdict: verdict({ verdict: 'no_data' }) }, 'unknown'],
    ['one in two is audited', { verdict: verdict({ oneIn: 2 }) }, 'unknown'],
    [
      'one in two is audited, and it is named',
      { verdict: { ...breached(finding('lost', [ID])), oneIn: 2 } },
      'wrong',
    ],
    ['the log does not hold it, though none is missing', { isAbsent: true }, 'unknown'],
    [
      'some were filtered',
      { isAbsent: true, verdict: verdict({ counts: { ...NO_COUNTS, filtered: 1 } }) },
      'filtered',
    ],
    [
      'some were dead-lettered',
      { isAbsent: true, verdict: verdict({ counts: { ...NO_COUNTS, dead_lettered: 1 } }) },
      'filtered',
    ],
    // Where the log was not searched to the end, it may lie there.
    [
      'some were filtered, and nobody looked',
      { verdict: verdict({ counts: { ...NO_COUNTS, filtered: 1 } }) },
      'passed',
    ],
  ])('%s', (_, evidence, says) => {
    expect(edgeOf(at(evidence)).says).toBe(says)
  })

  it('names it by its copies too, and how often', () => {
    const copies: Finding = {
      ...finding('duplicated', [COPY], 3),
      ids: [{ id: COPY, times: 3, copyOf: ID }],
    }
    expect(edgeOf(at({ verdict: breached(copies) }))).toMatchObject({
      ...{ says: 'wrong', findings: [{ code: 'duplicated', severity: 'error', times: 3 }] },
    })
  })

  it('says why it cannot say', () => {
    const passages = {
      from: [{ hop: 'a', declared: true, count: 1, passage: 'passed', why: [] }],
      to: [{ hop: 'b', declared: true, count: 0, passage: 'hole', why: ['offsets 4 to 9'] }],
    } as const
    const unsure = verdict({
      ...{ verdict: 'indeterminate', ...passages },
      findings: [finding('undetermined', [], 0), finding('params_differ', [], 0)],
    })
    expect(edgeOf(at({ verdict: unsure })).why).toEqual([
      'b: hole, offsets 4 to 9',
      'undetermined',
      'params_differ',
    ])
    expect(edgeOf(at({ verdict: null })).why).toEqual(['no store'])
  })
})
