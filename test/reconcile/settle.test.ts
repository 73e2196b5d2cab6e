import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { IdWords } from '../../src/message/id.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import { settle } from '../../src/reconcile/settle.ts'
import {
  covered,
  DEADLINE,
  EDGES,
  evidence,
  HOPS,
  hex,
  ids,
  instance,
  PIPELINE,
  tally,
  W,
  WINDOW_MS,
} from './build.ts'

const FLUSH_MS = 5_000

function judgement(now: number, read: readonly IdWords[], end = 1_000): Judgement {
  return judgeEdge({
    pipeline: PIPELINE,
    edge: EDGES.produce,
    evidence: evidence({
      now,
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 10) }),
        tally({ hop: HOPS.flights, ids: read }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, end])]),
      instances: [
        instance({ hops: [HOPS.checkin], lastHeardAt: now }),
        instance({ hops: [HOPS.flights], lastHeardAt: now }),
      ],
    }),
    passages: new Map(),
    inherited: new Map(),
  })
}

const at = (now: number, j: Judgement, previous?: EdgeVerdict): EdgeVerdict =>
  settle(j, previous, { now, deadline: DEADLINE, flushMs: FLUSH_MS })

describe('settling', () => {
  const end = W + WINDOW_MS

  it('confirms a healthy window one flush interval after its end, not before', () => {
    // Boundary: the interval itself is enough.
    const early = end + FLUSH_MS - 1
    expect(at(early, judgement(early, ids(0, 10)))).toMatchObject({ state: 'open', verdict: 'met' })
    const quiet = end + FLUSH_MS
    expect(at(quiet, judgement(quiet, ids(0, 10)))).toMatchObject({ state: 'settled', revision: 0 })
  })

  it('keeps a difference open until the deadline', () => {
    const before = DEADLINE - 1
    expect(at(before, judgement(before, ids(0, 9))).state).toBe('open')
    expect(at(DEADLINE, judgement(DEADLINE, ids(0, 9)))).toMatchObject({
      state: 'settled',
      verdict: 'breached',
    })
  })

  it('settles what is behind at the deadline as in flight, and revises it when it comes', () => {
    const late = at(DEADLINE, judgement(DEADLINE, ids(0, 4), 4))
    expect(late).toMatchObject({ state: 'settled', verdict: 'indeterminate' })
    expect(late.counts).toMatchObject({ in_flight: 6, lost: 0 })
    const later = DEADLINE + 60_000
    const healed = at(later, judgement(later, ids(0, 10)), late)
    expect(healed).toMatchObject({ state: 'revised', revision: 1, verdict: 'met' })
  })

  it('shows what was called lost and came after all as recovered, in every later revision', () => {
    const first = at(DEADLINE, judgement(DEADLINE, ids(0, 8)))
    expect(first.counts.lost).toBe(2)
    const second = at(DEADLINE + 1, judgement(DEADLINE + 1, ids(0, 9)), first)
    expect(second.counts).toMatchObject({ lost: 1, recovered: 1 })
    const third = at(DEADLINE + 2, judgement(DEADLINE + 2, ids(0, 10)), second)
    expect(third).toMatchObject({ revision: 2, verdict: 'met', counts: { recovered: 2 } })
    const recovered = third.findings.find((f) => f.code === 'recovered')
    expect(recovered?.ids.map((i) => i.id)).toEqual([hex(8), hex(9)])
  })

  it.each([
    ['are under way again', 'in_flight'],
    ['are not known to be missing', 'undetermined'],
    ['cannot be named', 'undecodable'],
  ] as const)('forgets no loss through revisions in which they %s', (_, code) => {
    const first = at(DEADLINE, judgement(DEADLINE, ids(0, 8)))
    const vague = judgement(DEADLINE + 1, ids(0, 8))
    const findings = vague.findings.map((f) => ({
      ...{ ...f, code },
      ids: code === 'undecodable' ? [] : f.ids,
    }))
    const second = at(DEADLINE + 1, { ...vague, findings }, first)
    expect([second.counts.recovered, second.onceLost?.map(({ id }) => id)]).toEqual([
      0,
      [hex(8), hex(9)],
    ])
    const third = at(DEADLINE + 2, { ...vague, findings, evidence: 'estimated' }, second)
    expect([third.revision, third.onceLost]).toEqual([2, second.onceLost])
    const half = at(DEADLINE + 3, judgement(DEADLINE + 3, ids(0, 9)), third)
    expect(half.counts).toMatchObject({ lost: 1, recovered: 1 })
    const last = at(DEADLINE + 4, judgement(DEADLINE + 4, ids(0, 10)), half)
    expect([last.counts.recovered, last.onceLost]).toEqual([2, undefined])
  })

  it('calls nobody recovered where those that are missing are not all named', () => {
    const first = at(DEADLINE, judgement(DEADLINE, ids(0, 8)))
    const vague = judgement(DEADLINE + 1, ids(0, 8))
    for (const code of ['params_differ', 'identity_not_carried', 'undecodable'] as const) {
      const findings = vague.findings.map((f) => ({ ...f, code, ids: [] }))
      const next = at(DEADLINE + 1, { ...vague, findings }, first)
      expect(next.counts.recovered).toBe(0)
    }
  })

  it('says why there is a hole as it is known now, and calls that no revision', () => {
    const holed = (why: string, passage: 'hole' | 'behind'): Judgement => {
      const told = judgement(DEADLINE, ids(0, 9))
      const [hop] = told.to
      if (hop === undefined) throw new Error('no hop')
      return { ...told, verdict: 'indeterminate', to: [{ ...hop, passage, why: [why] }] }
    }
    const first = at(DEADLINE, holed('no agent has reported', 'hole'))
    const later = at(DEADLINE + 1, holed('4 messages not counted', 'hole'), first)
    expect(later).toEqual({ ...first, to: [{ ...first.to[0], why: ['4 messages not counted'] }] })
    expect([first.state, later.state, later.revision]).toEqual(['settled', 'settled', 0])
    expect(at(DEADLINE + 2, holed('4 messages not counted', 'hole'), later)).toBe(later)
    // What is behind says so in other words at every frame.
    const behind = at(DEADLINE, holed('read to offset 5', 'behind'))
    expect(at(DEADLINE + 1, holed('read to offset 6', 'behind'), behind)).toBe(behind)
  })

  it('changes nothing when judged again', () => {
    const first = at(DEADLINE, judgement(DEADLINE, ids(0, 8)))
    expect(at(DEADLINE + 9, judgement(DEADLINE + 9, ids(0, 8)), first)).toBe(first)
    const second = at(DEADLINE + 10, judgement(DEADLINE + 10, ids(0, 10)), first)
    expect(at(DEADLINE + 11, judgement(DEADLINE + 11, ids(0, 10)), second)).toBe(second)
  })
})
