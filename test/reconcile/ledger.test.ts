/** Whatever happened, a verdict never contradicts the ledger. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import { settle } from '../../src/reconcile/settle.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { DEADLINE, hex, id } from './build.ts'
import { expectSums, idsOf } from './expect.ts'
import { deaths, type Entry, type Faults, faults, type History, play } from './history.ts'

/** What the ledger says of one edge, among the messages that it is judged on. */
interface Ledger {
  readonly before: readonly Entry[]
  readonly gone: ReadonlySet<string>
  readonly altered: ReadonlySet<string>
  readonly grown: ReadonlySet<string>
}

function ledgerOf({ ledger, rates }: History, edge: number): Ledger {
  const { before, after } = ledger[edge] as History['ledger'][number]
  const rate = rates[edge] as number
  const isLooked = ({ n }: Entry): boolean => isSampled(...id(n), DEFAULT_SEED, rate)
  const by = (list: readonly Entry[]): Map<number, number[]> => {
    const out = new Map<number, number[]>()
    for (const { n, content } of list.filter(isLooked)) out.set(n, [...(out.get(n) ?? []), content])
    return out
  }
  const [left, came] = [by(before), by(after)]
  const named = (is: (left: readonly number[], came: readonly number[]) => boolean) =>
    new Set([...left].filter(([n, l]) => is(l, came.get(n) ?? [])).map(([n]) => hex(n)))
  const hasOther = (a: readonly number[], b: readonly number[]): boolean =>
    a.some((content) => !b.includes(content))
  return {
    before: before.filter(isLooked),
    gone: named((_, c) => c.length === 0),
    // Also an altered copy beside the message, which may be in a hole: none was sent like that.
    altered: named((l, c) => hasOther(c, l) || (c.length > 0 && hasOther(l, c))),
    grown: named((l, c) => c.length > l.length),
  }
}

function judge(history: History): Judgement[] {
  const judgements = judgeWindow(history.pipeline, history.evidence)
  judgements.forEach(expectSums)
  return judgements
}

/**
 * Not promised: to know of copies at offsets that neither the topic's agent nor its reader watched, and
 * no acknowledgement named. They come out again further on.
 */
const isKnown = ({ holes, reach }: Faults): boolean =>
  [0, 1].some((place) => holes[place] === null && reach[place] === 1)

/** Messages that are called delivered on the word of a commit alone. */
const committedBy = ({ findings }: Pick<Judgement, 'findings'>): number =>
  findings.reduce((n, { code, count }) => (code === 'committed' ? n + count : n), 0)

const sizes = [
  { name: 'a small window', histories: faults(1), numRuns: 100 },
  { name: 'a window too large to name all', histories: faults(60), numRuns: 12 },
  { name: 'a window in which members of a group died', histories: deaths, numRuns: 200 },
]

/** One message is forked before the topic; then both copies are doubled, and a hole hides what is whole. */
const forkedThenHidden: Faults = {
  messages: ['passes', 'passes', 'forked', 'passes'].map((first, n) => ({
    fates: [first, n === 0 ? 'forked' : 'passes', n === 2 ? 'doubled' : 'passes'] as Fates,
    way: 'enriched',
  })),
  ...{ times: 1, reach: [1, 1, 1], holes: [null, null, 0], wide: 4 },
  ...{ sampled: [false, true, true, true], undigested: [true, true, false, false] },
  ...{ silentAfter: null, committed: 0, killed: null, polls: false, now: DEADLINE - 1 },
}

type Fates = Faults['messages'][number]['fates']

it('does not call one altered of which two unequal copies left, and only one of them was seen', () => {
  const [, , last] = judge(play(forkedThenHidden))
  expect(last).toMatchObject({
    counts: { altered: 0, unverified: 4 },
    findings: [{ code: 'integrity_unknown', args: { copies: 1 } }],
  })
})

describe.each(sizes)('the ledger of $name', ({ histories, numRuns }) => {
  const whatever = (
    say: (judgement: Judgement, ledger: Ledger, of: History, f: Faults) => void,
  ): void =>
    fc.assert(
      fc.property(histories, (injected) => {
        const history = play(injected)
        judge(history).forEach((judgement, edge) => {
          say(judgement, ledgerOf(history, edge), history, injected)
        })
      }),
      { numRuns },
    )

  it('holds none of those that are named as lost, and what is altered as it was sent', () => {
    whatever((judgement, { gone, altered }, _, { now }) => {
      const lost = idsOf(judgement, 'lost')
      if (now < DEADLINE) expect(judgement.counts.lost).toBe(0)
      expect(lost.filter((id) => !gone.has(id))).toEqual([])
      const falsely = idsOf(judgement, 'altered').filter((id) => !altered.has(id))
      expect(falsely).toEqual([])
    })
  })

  it('knows of copies where copies are named, and of no stranger', () => {
    whatever((judgement, { grown }, _, injected) => {
      if (!isKnown(injected)) return
      for (const code of ['duplicated', 'extra', 'unexpected'] as const)
        expect(idsOf(judgement, code).filter((id) => !grown.has(id))).toEqual([])
      expect(judgement.counts.unexpected).toBe(0)
    })
  })

  it('shows a fault where an edge is breached', () => {
    whatever(({ verdict }, { gone, altered, grown }, _, injected) => {
      if (verdict === 'breached' && isKnown(injected))
        expect(gone.size + altered.size + grown.size).toBeGreaterThan(0)
    })
  })

  it('shows none where it is met, and as many messages as were judged', () => {
    whatever(({ verdict, oneIn, ...judgement }, { before, gone, altered, grown }, of, injected) => {
      if (verdict !== 'met') return
      const { counts } = judgement
      // Of those that only a commit acquits it says how many they are, and that they are.
      const spokenFor = committedBy(judgement)
      if (spokenFor === 0) expect([...gone]).toEqual([])
      else expect(gone.size).toBeLessThanOrEqual(Math.min(spokenFor, of.untold))
      expect([...altered].filter((id) => !gone.has(id))).toEqual([])
      // Not promised: to know of copies at offsets that nobody watched and no acknowledgement named.
      const isWatched =
        injected.holes.every((h) => h === null) && injected.reach.every((r) => r === 1)
      if (isWatched) expect([...grown]).toEqual([])
      // Nor to count those, nor what was handled twice and told once; never more than there were.
      const judged = counts.expected + counts.copies_removed
      if (injected.killed === null && isWatched) expect(judged).toBe(before.length * oneIn)
      else expect(judged).toBeLessThanOrEqual(before.length * oneIn)
    })
  })

  it('has at least as many gone as are counted one by one', () => {
    whatever(({ counts, evidence, oneIn, findings }, { gone, altered }) => {
      if (evidence === 'estimated' || findings.some((f) => f.code === 'undecodable')) return
      expect(counts.lost).toBeLessThanOrEqual(gone.size * oneIn)
      if (altered.size === 0) expect(counts.altered).toBe(0)
    })
  })

  it('has arrived whatever is neither missing nor acquitted by a commit alone', () => {
    whatever((judgement, { before, gone }) => {
      const { counts, evidence, oneIn, findings } = judgement
      if (evidence === 'estimated' || findings.some((f) => f.code === 'undecodable')) return
      if (findings.some((f) => f.code === 'params_differ')) return
      const { expected, lost, in_flight, undetermined } = counts
      const came = before.filter(({ n }) => !gone.has(hex(n))).length
      const most = came * oneIn + committedBy(judgement)
      expect(expected - lost - in_flight - undetermined).toBeLessThanOrEqual(most)
    })
  })

  it('knows as many untold as commits are said to acquit, at least', () => {
    whatever((judgement, _, { untold }) => {
      if (judgement.oneIn === 1) expect(committedBy(judgement)).toBeLessThanOrEqual(untold)
    })
  })

  it('is judged the same twice', () => {
    fc.assert(
      fc.property(histories, (injected) => {
        const history = play(injected)
        const first = judge(history)
        expect(judge(history)).toEqual(first)
        const when = { now: injected.now, deadline: DEADLINE, flushMs: 5_000 }
        for (const judgement of first) {
          const verdict = settle(judgement, undefined, when)
          expect(settle(judgement, verdict, when)).toBe(verdict)
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    )
  })
})
