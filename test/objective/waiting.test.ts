/** What is still waited for, at every boundary: a window of which nobody told looks like an empty one. */
import { describe, expect, it } from 'vitest'
import type { InstanceState } from '../../src/hop/evidence.ts'
import { producerHop } from '../../src/hop/hop.ts'
import { isoOf } from '../../src/objective/iso.ts'
import { pendingOf, toldAt, type Waiting } from '../../src/objective/waiting.ts'
import { DEADLINE, HOPS, instance, PIPELINE, W, WINDOW_MS } from '../reconcile/build.ts'
import { FLIGHTS, verdict } from '../reports/build.ts'

const END = W + WINDOW_MS
const EDGE = FLIGHTS.edges[0]?.name ?? ''

const judged = (state: 'open' | 'settled', start: number) => ({
  ...verdict(EDGE),
  ...{ state, window: { start, end: start + WINDOW_MS } },
})

/** An agent that sends into the pipeline, heard just now. */
function sender(sealedUntil: number, more: Partial<InstanceState> = {}): InstanceState {
  const now = DEADLINE + 1
  return {
    ...instance({ hops: [HOPS.checkin], service: 'checkin' }),
    ...{ lastHeardAt: now, lastSentAt: now, flushMs: 5_000 },
    seals: [{ hop: HOPS.checkin, sealedUntil, open: [], number: 0 }],
    ...more,
  }
}

const asked = (question: Partial<Waiting>): string[] =>
  pendingOf({
    ...{ pipelines: [PIPELINE], verdicts: [], instances: [], seenUntil: END, toldAt: W },
    ...{ now: DEADLINE + 1, until: END, final: false },
    ...question,
  })

const foreign = producerHop('default', 'elsewhere', 'other')
const undeclared = producerHop('default', 'flights', 'stranger')

describe('waiting for a window', () => {
  it.each<[string, Partial<Waiting>, readonly string[]]>([
    ['is over where nothing is open and all is seen', {}, []],
    ['of which all is settled is over', { verdicts: [judged('settled', W)] }, []],
    ['is not over at its end', { now: END - 1 }, [isoOf(END)]],
    ['may be over from its end on', { now: END }, []],
    // A time within a window means all of it.
    ['from within', { until: W + 1, now: END - 1 }, [isoOf(END)]],
    ['that begins at that time is not waited for', { until: W, seenUntil: W, now: W }, []],
    [
      'waits for an auditor that never looked',
      { seenUntil: null },
      ['the auditor: it has read nothing to its end yet, or is of an older version'],
    ],
    [
      'waits for an auditor that looked before its end',
      { seenUntil: END - 1 },
      [`the auditor: it has read until ${isoOf(END - 1)}`],
    ],
    [
      'names what is open, by edge',
      { verdicts: [judged('open', W - WINDOW_MS), judged('open', W), judged('settled', W)] },
      [`flights, ${EDGE}: 2 windows are open, since ${isoOf(W - WINDOW_MS)}`],
    ],
    [
      'waits for a sender that has not told of all its sends',
      { instances: [sender(END - 1)] },
      [`checkin: it has told of its sends until ${isoOf(END - 1)}`],
    ],
    ['does not wait for one that has', { instances: [sender(END)] }, []],
    [
      'waits until what all told is judged',
      { instances: [sender(END)], toldAt: END + 1, verdicts: [judged('settled', W)] },
      [`the auditor: it has judged until ${isoOf(END)}`],
    ],
    ['nor for one that said goodbye', { instances: [sender(W, { goodbye: 3 })] }, []],
    // Silent for three heartbeats: what it left open shows in the windows.
    ['nor for one that died', { instances: [sender(W, { lastHeardAt: DEADLINE - 15_000 })] }, []],
    [
      'waits for one heard a moment before that',
      { instances: [sender(W, { lastHeardAt: DEADLINE - 14_999 })] },
      [`checkin: it has told of its sends until ${isoOf(W)}`],
    ],
    [
      'nor for one that sends elsewhere',
      {
        instances: [sender(W, { seals: [{ hop: foreign, sealedUntil: W, open: [], number: 0 }] })],
      },
      [],
    ],
    [
      'waits for one that nobody declared, into its topics',
      {
        instances: [
          sender(W, { seals: [{ hop: undeclared, sealedUntil: W, open: [], number: 0 }] }),
        ],
      },
      [`checkin: it has told of its sends until ${isoOf(W)}`],
    ],
    // At its deadline a window settles whoever has not told.
    ['waits for nobody beyond the deadline', { instances: [sender(W)], seenUntil: DEADLINE }, []],
    [
      'without a pipeline is an answer too',
      { pipelines: [] },
      ['no pipeline has been audited into this store'],
    ],
  ])('%s', (_, question, expected) => {
    expect(asked(question)).toEqual(expected)
  })

  it.each<[string, Partial<Waiting>, readonly string[]]>([
    ['has not come', { now: DEADLINE - 1 }, [`the deadline ${isoOf(DEADLINE)}`]],
    ['has not come, nor the end', { now: END - 1 }, [isoOf(DEADLINE)]],
    [
      'has come, and the auditor has not looked since',
      { now: DEADLINE },
      [`the auditor: it has read until ${isoOf(END)}`],
    ],
    ['has come, and all is seen', { now: DEADLINE, seenUntil: DEADLINE }, []],
  ])('with its deadline, which %s', (_, question, expected) => {
    expect(asked({ final: true, ...question })).toEqual(expected)
  })
})

describe('all have told', () => {
  const told = (instances: readonly InstanceState[], before = Number.POSITIVE_INFINITY): number =>
    toldAt({ pipelines: [PIPELINE], instances, now: DEADLINE + 1, until: END }, before)
  const heard = (lastHeardAt: number, more: Partial<InstanceState> = {}) =>
    sender(END, { lastHeardAt, ...more })

  it('where nobody sends, from the beginning', () => {
    expect(told([])).toBe(Number.NEGATIVE_INFINITY)
  })
  it('once the last of them was heard, also with a goodbye', () => {
    expect(told([heard(DEADLINE - 9), heard(DEADLINE - 2, { goodbye: 3 })])).toBe(DEADLINE - 2)
  })
  it('once they were heard first, though they are heard again', () => {
    expect(told([heard(DEADLINE)], DEADLINE - 5)).toBe(DEADLINE - 5)
  })
  it('not while one has not, whatever was before', () => {
    const instances = [heard(DEADLINE), sender(END - 1)]
    expect(told(instances, DEADLINE - 5)).toBe(Number.POSITIVE_INFINITY)
  })
  it('of whom those that send elsewhere are none', () => {
    const seals = [{ hop: foreign, sealedUntil: W, open: [], number: 0 }]
    expect(told([heard(DEADLINE, { seals })])).toBe(Number.NEGATIVE_INFINITY)
  })
})
