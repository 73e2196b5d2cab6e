/**
 * Clocks that disagree: what frames prove of a service beside the auditor, and negative latencies of the
 * two ends of an edge. Births and windows are read off these clocks, so the audit is as good as they are.
 */
import { skewOf, skewOfLatency } from '../hop/clock-skew.ts'
import type { InstanceState } from '../hop/evidence.ts'
import type { EdgeSummary } from './edge.ts'

export type ClockNote =
  /** Proven, of so many of its instances; by at least so much, of the worst. */
  | {
      readonly kind: 'ahead'
      readonly service: string
      readonly instances: number
      readonly atLeastMs: number
    }
  /** Behind by at most so much, of the worst; or all its frames were slow. No proof. */
  | {
      readonly kind: 'behind_or_slow'
      readonly service: string
      readonly instances: number
      readonly atMostMs: number
    }
  /** Proven: the clock that gave the end of its latencies was behind that of their beginning. */
  | {
      readonly kind: 'edge_behind'
      readonly pipeline: string
      readonly edge: string
      readonly atLeastMs: number
    }

/** Services by name, then edges in the order given. A service may be ahead here and behind there. */
export function clocksOf(
  instances: readonly InstanceState[],
  edges: readonly EdgeSummary[],
): ClockNote[] {
  const ahead = new Map<string, number[]>()
  const behind = new Map<string, number[]>()
  const note = (notes: Map<string, number[]>, service: string, ms: number): void => {
    notes.set(service, [...(notes.get(service) ?? []), ms])
  }
  for (const instance of instances) {
    const skew = skewOf(instance)
    if (skew.kind === 'ahead') note(ahead, instance.service, skew.atLeastMs)
    // One that has ended may have been read long after: slow is what its frames were then.
    else if (skew.kind === 'behind-or-slow' && instance.goodbye === null)
      note(behind, instance.service, skew.atMostMs)
  }
  const out: ClockNote[] = []
  for (const service of [...new Set([...ahead.keys(), ...behind.keys()])].sort()) {
    const [fast, slow] = [ahead.get(service), behind.get(service)]
    if (fast !== undefined) {
      const atLeastMs = Math.max(...fast)
      out.push({ kind: 'ahead', service, instances: fast.length, atLeastMs })
    }
    if (slow !== undefined) {
      const atMostMs = Math.max(...slow)
      out.push({ kind: 'behind_or_slow', service, instances: slow.length, atMostMs })
    }
  }
  for (const { pipeline, edge, latency } of edges) {
    const skew = skewOfLatency(latency?.fromHop?.minMs ?? null)
    if (skew.kind !== 'behind') continue
    out.push({ kind: 'edge_behind', pipeline, edge, atLeastMs: skew.atLeastMs })
  }
  return out
}
