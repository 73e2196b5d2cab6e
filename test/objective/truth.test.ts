/** Completeness of random histories, judged and assessed, held against what truly became of each message. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inOrder, judgeWindow } from '../../src/reconcile/judge-window.ts'
import { settle } from '../../src/reconcile/settle.ts'
import { DEADLINE } from '../reconcile/build.ts'
import { deaths, type Faults, faults, play } from '../reconcile/history.ts'
import { assess, onEdge } from './promise.ts'

/** Every message is looked at: a sample speaks of its interval, which may miss. */
const whole = (f: Faults): Faults => ({ ...f, sampled: [false, false, false, false] })

it('nothing is called whole that lost a message, no edge accused of more than it lost', () => {
  let [met, breached, through] = [0, 0, 0]
  fc.assert(
    fc.property(fc.oneof(faults(1), deaths).map(whole), (injected) => {
      const { pipeline, evidence, ledger } = play(injected)
      const times = { now: evidence.now, deadline: DEADLINE, flushMs: 5_000 }
      const verdicts = judgeWindow(pipeline, evidence).map((j) => settle(j, undefined, times))
      const run = { verdicts, pipeline, now: evidence.now }
      const [first, , last] = ledger
      const out = new Set(last?.after.map((e) => e.n))
      const gone = first?.before.filter((e) => !out.has(e.n)).length ?? 0
      const isByCommit = verdicts.some((v) => v.evidence === 'committed')
      if (assess({ target: 1 }, run).verdict === 'met' && !isByCommit) {
        expect(gone).toBe(0)
        through++
      }
      for (const [i, edge] of inOrder(pipeline.edges).entries()) {
        const { before = [], after = [] } = ledger[i] ?? {}
        const came = new Set(after.map((e) => e.n))
        const lost = before.filter((e) => !came.has(e.n)).length
        const parts = { scope: onEdge(edge.name), target: 1 }
        const found = assess(parts, run)
        expect(found.events.bad).toBeLessThanOrEqual(lost)
        // What a group committed it has handled, it says: whether it did is its word.
        const judged = verdicts.find((v) => v.edge === edge.name)
        if (found.verdict === 'met' && judged?.evidence !== 'committed') expect(lost).toBe(0)
        if (found.verdict === 'met') met++
        if (found.verdict === 'breached') breached++
      }
    }),
    { numRuns: 300 },
  )
  // The instrument: both are said often.
  expect(met).toBeGreaterThan(20)
  expect(breached).toBeGreaterThan(20)
  expect(through).toBeGreaterThan(0)
})
