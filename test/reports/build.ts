/** Verdicts by hand: the flights pipeline with one bad edge, as the reconciler would give it. */
import type { Finding, FindingCode, FoundId } from '../../src/finding/finding.ts'
import type { Counts, EdgeVerdict, HopPassage } from '../../src/finding/verdict.ts'
import type { InstanceState, StoredLatency } from '../../src/hop/evidence.ts'
import {
  consumerHop,
  type HopRef,
  hopKey,
  producerHop,
  sinkHop,
  topicHop,
} from '../../src/hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { hexOfWords, wordsOfParts } from '../../src/message/id.ts'
import { sumCounts } from '../../src/objective/counts.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { declare } from '../support/declare.ts'

/** 2026-11-23 01:00:00 UTC */
export const START: number = Date.UTC(2026, 10, 23, 1)
const MINUTE = 60_000
export const NOW: number = START + 10 * MINUTE

/** The id of message `n` of window `w`. */
export function idOf(n: number, w = 0, ordinal = 0): string {
  const birth = START + w * MINUTE + n
  return hexOfWords(wordsOfParts({ birth, version: 7, tag: 0xabcdef, sequence: n, ordinal }))
}

const HOPS: Readonly<Record<string, HopDeclaration>> = {
  checkin: declare('checkin', producerHop('default', 'flights', 'checkin')),
  flights: declare('flights', topicHop('default', 'flights')),
  enrich: declare('enrich', consumerHop('default', 'flights', 'enrich')),
  enriched: declare('enriched', topicHop('default', 'flights.enriched')),
  dlq: declare('dlq', topicHop('default', 'flights.dlq'), true),
  store: declare('store', sinkHop('warehouse')),
}

export function edge(from: readonly string[], to: readonly string[]): EdgeDeclaration {
  const declared = (names: readonly string[]): HopDeclaration[] =>
    names.map((name) => HOPS[name] ?? declare(name, topicHop('default', name)))
  const name = `${from.join(' + ')} → ${to.join(' + ')}`
  return { name, from: declared(from), to: declared(to), filter: [], preserve: null }
}

export const FLIGHTS: Pipeline = {
  name: 'flights',
  owner: { team: 'network-ops', contact: '#flights' },
  windowMs: MINUTE,
  latenessMs: 2 * MINUTE,
  seed: 1,
  thresholdsMs: [],
  hops: Object.values(HOPS),
  edges: [
    edge(['checkin'], ['flights']),
    edge(['flights'], ['enrich']),
    edge(['enrich'], ['enriched', 'dlq']),
    edge(['enriched'], ['store']),
  ],
}

const passed = (name: string): HopPassage => ({
  hop: name,
  declared: true,
  count: 0,
  passage: 'passed',
  why: [],
})

export interface VerdictParts extends Partial<Omit<EdgeVerdict, 'counts' | 'window' | 'findings'>> {
  readonly counts?: Partial<Counts>
  /** Number of the window. */
  readonly w?: number
  readonly findings?: readonly Finding[]
}

export function verdict(edgeName: string, parts: VerdictParts = {}): EdgeVerdict {
  const { counts = { expected: 400, delivered: 400 }, w = 0, findings = [], ...rest } = parts
  const [from = '', to = ''] = edgeName.split(' → ')
  return {
    pipeline: 'flights',
    edge: edgeName,
    window: windowAt(w),
    state: 'settled',
    revision: 0,
    verdict: 'met',
    evidence: 'exact',
    oneIn: 1,
    counts: { ...sumCounts([]), ...counts },
    from: from.split(' + ').map(passed),
    to: to.split(' + ').map(passed),
    findings,
    ...rest,
  }
}

const windowAt = (w: number): EdgeVerdict['window'] => ({
  start: START + w * MINUTE,
  end: START + (w + 1) * MINUTE,
})

export function finding(
  code: FindingCode,
  parts: Partial<Finding> & { readonly w?: number } = {},
): Finding {
  const { w = 0, ids = [], ...rest } = parts
  return {
    code,
    pipeline: 'flights',
    edge: 'enrich → enriched + dlq',
    window: windowAt(w),
    count: ids.reduce((sum, { times }) => sum + times, 0),
    ids,
    evidence: 'exact',
    args: {},
    ...rest,
  }
}

export const once = (id: string): Finding['ids'][number] => ({ id, times: 1 })

export function instance(service: string, parts: Partial<InstanceState> = {}): InstanceState {
  return {
    instance: '0'.repeat(32),
    service,
    firstSentAt: START,
    lastSentAt: NOW - 2_000,
    lastHeardAt: NOW - 2_000,
    minDelayMs: 0,
    flushMs: 5_000,
    windowMs: MINUTE,
    seen: [[0, 12]],
    goodbye: null,
    unknownUntil: 0,
    missing: [],
    seals: [],
    hops: [],
    reach: [],
    ...parts,
  }
}

/** Three windows: losses and copies in the transformation, and a warehouse that is behind. */
export function badRun(): EdgeVerdict[] {
  const behind: HopPassage = {
    hop: 'store',
    declared: true,
    count: 300,
    passage: 'behind',
    why: ['partition 2 at 1,204 of 1,300'],
  }
  return [0, 1, 2].flatMap((w) => [
    verdict('checkin → flights', { w }),
    verdict('flights → enrich', { w }),
    w === 1
      ? verdict('enrich → enriched + dlq', {
          w,
          verdict: 'breached',
          counts: {
            expected: 400,
            delivered: 392,
            lost: 3,
            filtered: 2,
            dead_lettered: 3,
            duplicated: 2,
          },
          findings: [
            finding('lost', {
              w,
              ids: [once(idOf(7, 1)), once(idOf(8, 1)), once(idOf(9, 1))],
              args: { unacknowledged: 0, offsets: [{ partition: 3, low: 120, high: 450 }] },
            }),
            finding('duplicated', {
              w,
              ids: [{ id: idOf(20, 1, 1), times: 2, copyOf: idOf(20, 1) }],
            }),
          ],
        })
      : verdict('enrich → enriched + dlq', { w }),
    w < 2
      ? verdict('enriched → store', { w })
      : verdict('enriched → store', {
          w,
          verdict: 'indeterminate',
          counts: { expected: 400, delivered: 300, in_flight: 100 },
          to: [behind],
          findings: [
            finding('in_flight', {
              w,
              edge: 'enriched → store',
              count: 100,
              args: { why: behind.why },
            }),
          ],
        }),
  ])
}

export const goodRun = (): EdgeVerdict[] =>
  [0, 1].flatMap((w) => FLIGHTS.edges.map(({ name }) => verdict(name, { w })))

/** Latencies in ms that a hop of the flights pipeline measured. */
export function latency(
  hop: HopRef,
  parts: {
    readonly origin?: StoredLatency['origin']
    readonly w?: number
    readonly oneIn?: number
    readonly thresholdsMs?: readonly number[]
    readonly fromBirth?: readonly number[]
    readonly fromHop?: readonly number[]
  },
): StoredLatency {
  const { origin = null, w = 0, oneIn = 1, thresholdsMs = [], fromBirth = [], fromHop = [] } = parts
  const of = (list: readonly number[]): Latencies => {
    const latencies = new Latencies(thresholdsMs)
    for (const ms of list) latencies.record(ms)
    return latencies
  }
  return {
    hop,
    key: hopKey(hop),
    origin,
    window: windowAt(w).start,
    oneIn,
    fromBirth: of(fromBirth),
    fromHop: of(fromHop),
  }
}

/** An edge of one window whose `lost` of the sample are named, scaled to all. */
export function sampledVerdict(
  edgeName: string,
  parts: {
    readonly oneIn: number
    /** In the sample. */
    readonly expected: number
    readonly lost?: readonly FoundId[]
    readonly w?: number
  },
): EdgeVerdict {
  const { oneIn, expected, lost = [], w = 0 } = parts
  const k = lost.reduce((n, { times }) => n + times, 0)
  return verdict(edgeName, {
    ...{ w, oneIn, evidence: 'sampled' },
    verdict: k > 0 ? 'breached' : 'met',
    counts: { expected: expected * oneIn, delivered: (expected - k) * oneIn, lost: k * oneIn },
    findings:
      k === 0
        ? []
        : [
            finding('lost', {
              ...{ w, edge: edgeName, ids: lost, count: k * oneIn, evidence: 'sampled' },
              args: { unacknowledged: 0, sampled: k, oneIn },
            }),
          ],
  })
}
