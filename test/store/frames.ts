/** Frames as honest agents cut them, for tests of the store. */
import fc from 'fast-check'
import type {
  Covered,
  Dropped,
  Frame,
  FrameSpan,
  ShapeDelta,
  TallyDelta,
} from '../../src/hop/frame.ts'
import { consumerHop, type HopRef, producerHop, topicHop } from '../../src/hop/hop.ts'
import type { Mishap } from '../../src/hop/mishap.ts'
import { SHAPE } from '../../src/hop/params.ts'
import { NOTHING_ASIDE } from '../../src/hop/tally.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { shapeDelta } from './shapes.ts'

export const WINDOW_MS = 60_000
export const checkin: HopRef = producerHop('default', 'flights', 'checkin')
export const flights: HopRef = topicHop('default', 'flights')
export const enrich: HopRef = consumerHop('default', 'flights', 'enrich')

export const instanceOf = (n: number): string => n.toString(16).padStart(32, '0')

export function sketchOf(ids: readonly number[]): Sketch {
  const sketch = new Sketch(DEFAULT_SEED)
  for (const id of ids) sketch.add(0, 0x7000, 0x80000000, id)
  return sketch
}

export function deltaOf(
  hop: HopRef,
  window: number,
  ids: readonly number[],
  rest: Partial<TallyDelta> = {},
): TallyDelta {
  return {
    hop,
    channel: 'passed',
    origin: null,
    reason: '',
    identity: 'stamp',
    element: 'id',
    oneIn: 1,
    window,
    count: ids.length,
    placeless: 0,
    sketch: sketchOf(ids).toBytes(),
    ranges: [],
    ...NOTHING_ASIDE,
    ...rest,
  }
}

export function frameOf(number: number, rest: Partial<Frame> = {}): Frame {
  return {
    instance: instanceOf(1),
    number,
    service: 'checkin',
    client: '',
    host: '',
    sentAt: 1_000 + number,
    flushMs: 5_000,
    windowMs: WINDOW_MS,
    shape: SHAPE,
    seed: DEFAULT_SEED,
    hello: number === 0,
    goodbye: false,
    deltas: [],
    covered: [],
    seals: [],
    dropped: [],
    strays: [],
    counts: [],
    shapes: [],
    mishaps: [],
    recent: [],
    ...rest,
  }
}

const hop = fc.constantFrom(checkin, flights, enrich)
const window = fc.constantFrom(0, WINDOW_MS, 2 * WINDOW_MS)
const small = fc.nat({ max: 20 })

/** What an agent keeps beside the ids, of the ids given. */
function asideOf(ids: readonly number[]): Partial<TallyDelta> {
  const latencies = new Latencies([10])
  const filter = new Membership(DEFAULT_SEED, 1_000)
  for (const id of ids) {
    latencies.record(id - 5)
    filter.add(0, 0x7000, 0x80000000, id)
  }
  const [low, high] = [Math.min(...ids), Math.max(...ids)]
  return {
    birthLatency: latencies.toBytes(),
    hopLatency: latencies.toBytes(),
    membership: { capacity: 1_000, bits: filter.toBytes() },
    tags: [{ tag: low, low, high, count: ids.length }],
  }
}

const delta: fc.Arbitrary<TallyDelta> = fc
  .tuple(
    hop,
    window,
    // Few, or so many that the sketch is a table.
    fc.oneof(
      { weight: 20, arbitrary: fc.array(small, { minLength: 1, maxLength: 6 }) },
      {
        weight: 1,
        arbitrary: fc.nat({ max: 99 }).map((n) => Array.from({ length: 1_100 }, (_, i) => n + i)),
      },
    ),
    fc.constantFrom('passed', 'filtered' as const),
    fc.option(fc.constant({ topic: 'bookings', group: 'checkin' })),
    fc.constantFrom('', 'cancelled'),
    fc.array(fc.tuple(fc.nat({ max: 2 }), small, small), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([hop, window, ids, channel, origin, reason, ranges, hasMore]) =>
    deltaOf(hop, window, ids, {
      channel: channel as TallyDelta['channel'],
      origin,
      reason,
      placeless: 1,
      ranges: ranges.map(([partition, low, more]) => ({ partition, low, high: low + more })),
      ...(hasMore ? asideOf(ids) : {}),
    }),
  )

const covered: fc.Arbitrary<Covered> = fc
  .tuple(hop, fc.nat({ max: 2 }), small, fc.nat({ max: 4 }))
  .map(([hop, partition, from, more]) => ({ hop, partition, from, to: from + more }))

const dropped: fc.Arbitrary<Dropped> = fc
  .tuple(hop, fc.constantFrom('tallies-full', 'frame-refused'), small, window)
  .map(([hop, reason, count, fromWindow]) => ({
    hop,
    reason,
    count,
    fromWindow,
    toWindow: fromWindow + WINDOW_MS,
  }))

const shape: fc.Arbitrary<ShapeDelta> = fc
  .record({
    hop,
    window,
    ids: fc.array(small, { maxLength: 4 }),
    look: fc.record({
      oneIn: fc.constantFrom(1, 64),
      declared: fc.constantFrom('', '00112233aabbccdd'),
      claim: fc.constantFrom('none', 'confluent'),
      schema: fc.constantFrom('7', '8'),
      isOdd: fc.boolean(),
    }),
  })
  .map(({ hop, window, ids, look }) => shapeDelta(hop, window, ids, look))

export function mishapOf(hop: HopRef, rest: Partial<Mishap> = {}): Mishap {
  return {
    ...{ hop, kind: 'handler_threw', at: 1_000, partition: 0, from: 5, to: 6, id: '' },
    ...{ traceId: '', spanId: '', detail: 'TypeError', count: 1 },
    ...rest,
  }
}

const mishap: fc.Arbitrary<Mishap> = fc
  .record({
    hop,
    rest: fc.record({
      kind: fc.constantFrom('handler_threw', 'rejected' as const),
      at: fc.oneof(small, window),
      id: fc.constantFrom('', '018bcfe568007abc8123456789abcdef'),
      count: fc.constantFrom(1, 7),
    }),
  })
  .map(({ hop, rest }) => mishapOf(hop, rest))

const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 })

const parts: fc.Arbitrary<Partial<Frame>> = fc.record({
  sentAt: fc.nat(),
  service: fc.constantFrom('checkin', 'checkin-2'),
  client: fc.constantFrom('', 'checkin/1.4.2'),
  host: fc.constantFrom('', 'pod-1'),
  flushMs: fc.constantFrom(1_000, 5_000),
  deltas: list(delta),
  shapes: list(shape),
  mishaps: list(mishap),
  covered: list(covered),
  dropped: list(dropped),
  seals: fc
    .uniqueArray(fc.record({ hop, sealedUntil: small, open: list(window) }), {
      selector: (seal) => seal.hop,
      maxLength: 2,
    })
    .map((seals) => [...seals]),
  strays: list(fc.record({ hop, count: small, windows: fc.uniqueArray(window, { minLength: 1 }) })),
  counts: list(fc.record({ hop, name: fc.constantFrom('received', 'fresh'), count: small })),
})

function chainOf(instance: string, frames: readonly Partial<Frame>[], bye: boolean): Frame[] {
  const recent: FrameSpan[] = []
  return frames.map((rest, number) => {
    const goodbye = bye && number === frames.length - 1
    const frame = frameOf(number, { ...rest, instance, goodbye, recent: recent.slice(-3) })
    const windows = frame.deltas.map((d) => d.window)
    recent.push(
      windows.length === 0
        ? { number, from: 1, to: 0 }
        : { number, from: Math.min(...windows), to: Math.max(...windows) },
    )
    return frame
  })
}

/** All frames of a few instances, some of them lost on the way. */
export const framesArbitrary: fc.Arbitrary<readonly Frame[]> = fc
  .array(fc.tuple(fc.array(parts, { minLength: 1, maxLength: 5 }), fc.boolean()), {
    minLength: 1,
    maxLength: 3,
  })
  .map((chains) => chains.flatMap(([frames, bye], i) => chainOf(instanceOf(i), frames, bye)))
  .chain((frames) =>
    fc
      .array(fc.nat({ max: 9 }), { minLength: frames.length, maxLength: frames.length })
      .map((luck) => frames.filter((_, i) => luck[i] !== 0)),
  )
