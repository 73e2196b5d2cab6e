/** Builds the evidence of one window from plain words, so a test reads as a table. */
import type { Intervals } from '../../src/base/intervals.ts'
import type { HopCoverage, InstanceState, StoredTally } from '../../src/hop/evidence.ts'
import type { Channel, Origin } from '../../src/hop/frame.ts'
import {
  consumerHop,
  type HopKey,
  type HopRef,
  hopKey,
  producerHop,
  topicHop,
} from '../../src/hop/hop.ts'
import { limbsOf, SHAPE } from '../../src/hop/params.ts'
import type { EdgeDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { TagSpans } from '../../src/hop/tag-spans.ts'
import { hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'
import type { LogEnds, WindowEvidence } from '../../src/reconcile/evidence.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { declare } from '../support/declare.ts'

export const WINDOW_MS = 60_000
const LATENESS_MS = 120_000
export const W = 1_800_000_000_000
export const DEADLINE: number = W + WINDOW_MS + LATENESS_MS
const TAG = 0xabcdef1234

/** Message number `n` of the window; `ordinal` for a derived id. */
export function id(n: number, ordinal = 0): IdWords {
  return wordsOfParts({ birth: W + n, version: 7, tag: TAG, sequence: n, ordinal })
}
export const hex = (n: number, ordinal = 0): string => hexOfWords(id(n, ordinal))
export const ids = (from: number, to: number): IdWords[] =>
  Array.from({ length: to - from }, (_, i) => id(from + i))

type Name = 'checkin' | 'flights' | 'enrich' | 'enricher' | 'enriched' | 'dlq' | 'warehouse'

export const HOPS: Readonly<Record<Name, HopRef>> = {
  checkin: producerHop('default', 'flights', 'checkin'),
  flights: topicHop('default', 'flights'),
  enrich: consumerHop('default', 'flights', 'enrich'),
  enricher: producerHop('default', 'flights.enriched', 'enrich'),
  enriched: topicHop('default', 'flights.enriched'),
  dlq: topicHop('default', 'flights.dlq'),
  warehouse: consumerHop('default', 'flights.enriched', 'warehouse'),
}

const edge = (
  from: readonly Name[],
  to: readonly Name[],
  filter: readonly string[] = [],
): EdgeDeclaration => ({
  name: `${from.join(' + ')} → ${to.join(' + ')}`,
  from: from.map((n) => declare(n, HOPS[n])),
  to: to.map((n) => declare(n, HOPS[n], n === 'dlq')),
  filter,
  preserve: null,
})

export const EDGES: Readonly<
  Record<'produce' | 'consume' | 'transform' | 'load', EdgeDeclaration>
> = {
  produce: edge(['checkin'], ['flights']),
  consume: edge(['flights'], ['enrich']),
  transform: edge(['enrich'], ['enriched', 'dlq'], ['cancelled']),
  load: edge(['enriched'], ['warehouse']),
}

export const PIPELINE: Pipeline = {
  name: 'flights',
  owner: {},
  windowMs: WINDOW_MS,
  latenessMs: LATENESS_MS,
  seed: DEFAULT_SEED,
  thresholdsMs: [],
  hops: (['checkin', 'flights', 'enrich', 'enriched', 'dlq', 'warehouse'] as const).map((n) =>
    declare(n, HOPS[n], n === 'dlq'),
  ),
  edges: Object.values(EDGES),
}

export interface TallyWords {
  readonly hop: HopRef
  readonly ids: readonly IdWords[]
  readonly channel?: Channel
  readonly origin?: Origin | null
  readonly reason?: string
  readonly windowMs?: number
  /** Default: the id alone. */
  readonly element?: string
  readonly digest?: (id: IdWords) => number
  readonly oneIn?: number
  /** Keeps the dense-sequence witness. */
  readonly witness?: boolean
  /** Offsets of partition 0; default 0 … ids.length − 1; null: no offsets known */
  readonly range?: readonly [low: number, high: number] | null
}

export function tally({
  hop,
  ids,
  channel = 'passed',
  origin = null,
  reason = '',
  windowMs = WINDOW_MS,
  element = 'id',
  digest = () => 0,
  oneIn = 1,
  witness = false,
  range = [0, Math.max(0, ids.length - 1)],
}: TallyWords): StoredTally {
  const sketch = new Sketch(DEFAULT_SEED, limbsOf(element))
  for (const id of ids) sketch.add(...id, 1, digest(id))
  const tags = new TagSpans()
  for (const id of ids) tags.add(id)
  return {
    hop,
    key: hopKey(hop),
    channel,
    origin,
    reason,
    params: {
      windowMs,
      identity: 'stamp',
      element,
      oneIn,
      shape: SHAPE,
      seed: DEFAULT_SEED,
    },
    window: W,
    count: ids.length,
    placeless: range === null ? ids.length : 0,
    sketch,
    ranges:
      range === null || ids.length === 0 ? [] : [{ partition: 0, low: range[0], high: range[1] }],
    tags: witness ? tags.list() : null,
  }
}

export function covered(hop: HopRef, ...set: Intervals): [HopKey, HopCoverage] {
  const spans = set.map(([from, to]) => ({ from, to, firstAt: W, lastAt: DEADLINE }))
  const [partitions, timed] = [new Map([[0, set]]), new Map([[0, spans]])]
  return [hopKey(hop), { key: hopKey(hop), hop, partitions, spans: timed }]
}

/** A healthy instance: heard now, sealed beyond the window, all frames there. */
export function instance(
  words: Omit<Partial<InstanceState>, 'hops'> & { readonly hops: readonly HopRef[] },
): InstanceState {
  const { hops, ...rest } = words
  return {
    instance: '0123456789abcdef0123456789abcdef',
    service: hops.find((h) => h.role === 'producer')?.name ?? 'service',
    firstSentAt: W - 1_000_000,
    lastSentAt: DEADLINE,
    lastHeardAt: DEADLINE,
    minDelayMs: 0,
    flushMs: 5_000,
    windowMs: WINDOW_MS,
    seen: [[0, 10]],
    goodbye: null,
    unknownUntil: rest.lastSentAt ?? DEADLINE,
    missing: [],
    seals: hops
      .filter((h) => h.role === 'producer')
      .map((hop) => ({ hop, sealedUntil: DEADLINE, open: [], number: 9 })),
    reach: [],
    ...rest,
    hops: hops.map(hopKey),
  }
}

export function evidence(words: Partial<WindowEvidence>): WindowEvidence {
  return {
    window: W,
    now: DEADLINE,
    tallies: [],
    coverage: new Map(),
    watched: words.coverage ?? new Map(),
    instances: [],
    gaps: [],
    newestWindow: new Map(),
    logEnds: new Map<HopKey, LogEnds>(),
    logStarts: new Map<HopKey, LogEnds>(),
    logTops: new Map<HopKey, LogEnds>(),
    logGone: new Map<HopKey, LogEnds>(),
    logTorn: new Map(),
    commits: new Map(),
    commitPolls: new Map(),
    compacted: new Map<HopKey, number>(),
    minted: new Map(),
    memberships: [],
    before: [],
    after: [],
    ...words,
  }
}
