/** Frames as fast-check draws them: every field anywhere in its range. */
import fc from 'fast-check'
import { channels, type Frame } from '../../src/hop/frame.ts'
import { type HopRef, hopRoles } from '../../src/hop/hop.ts'
import { MISHAP_DETAIL_CHARS_MAX, type Mishap, mishapKinds } from '../../src/hop/mishap.ts'

/** avsc takes longs up to 2^53 − 10. */
const whole = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 53 - 10 }))
const int = fc.nat({ max: 2 ** 31 - 1 })
const name = fc.string({ maxLength: 20, unit: 'grapheme' })
const ordered = fc
  .tuple(whole, whole)
  .map(([a, b]) => (a <= b ? [a, b] : [b, a]) as [number, number])

const hopArbitrary: fc.Arbitrary<HopRef> = fc.record({
  role: fc.constantFrom(...hopRoles),
  cluster: name,
  topic: name,
  group: name,
  name,
})

const some = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 4 })

const bytes = fc.uint8Array({ maxLength: 50 })
const sequence = fc.nat({ max: 2 ** 24 - 1 })
const tagSpan = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 40 - 1 }), sequence, sequence, fc.integer({ min: 1 }))
  .map(([tag, a, b, count]) => ({ tag, low: Math.min(a, b), high: Math.max(a, b), count }))
/** By tag, each once. */
const tagSpans = fc
  .uniqueArray(tagSpan, { selector: ({ tag }) => tag, maxLength: 4 })
  .map((spans) => [...spans].sort((a, b) => a.tag - b.tag))

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((drawn) => Buffer.from(drawn).toString('hex'))
const orNone = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text)

function mishapOf(hop: fc.Arbitrary<HopRef>): fc.Arbitrary<Mishap> {
  return fc
    .record({
      hop,
      kind: fc.constantFrom(...mishapKinds),
      at: whole,
      partition: fc.oneof(fc.constant(-1), int),
      offsets: fc.oneof(fc.constant([-1, -1] as const), ordered),
      id: orNone(hex(16)),
      trace: orNone(hex(24)),
      detail: name.filter((text) => text.length <= MISHAP_DETAIL_CHARS_MAX),
      count: whole.map((n) => Math.max(1, n)),
    })
    .map(({ offsets: [from, to], trace, ...rest }) => ({
      ...{ ...rest, from, to, traceId: trace.slice(0, 32), spanId: trace.slice(32) },
    }))
}

function partsOf(hop: fc.Arbitrary<HopRef>): fc.Arbitrary<Partial<Frame>> {
  return fc.record({
    deltas: some(
      fc
        .record({
          hop,
          channel: fc.constantFrom(...channels),
          origin: fc.option(fc.record({ topic: name, group: name })),
          reason: name,
          identity: name,
          element: name,
          oneIn: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
          birthLatency: bytes,
          hopLatency: bytes,
          membership: fc.option(fc.record({ capacity: int, bits: bytes })),
          tags: fc.option(tagSpans),
          window: whole,
          counts: ordered,
          sketch: bytes,
          ranges: some(
            fc.tuple(int, ordered).map(([partition, [low, high]]) => ({ partition, low, high })),
          ),
        })
        .map(({ counts: [placeless, count], ...rest }) => ({ ...rest, placeless, count })),
    ),
    covered: some(
      fc
        .tuple(hop, int, ordered)
        .map(([hop, partition, [from, to]]) => ({ hop, partition, from, to })),
    ),
    seals: some(fc.record({ hop, sealedUntil: whole, open: some(whole) })),
    dropped: some(
      fc.tuple(hop, name, whole, ordered).map(([hop, reason, count, [fromWindow, toWindow]]) => ({
        hop,
        reason,
        count,
        fromWindow,
        toWindow,
      })),
    ),
    strays: some(fc.record({ hop, count: whole, windows: some(whole) })),
    counts: some(fc.record({ hop, name, count: whole })),
    shapes: some(fc.record({ hop, window: whole, shape: bytes })),
    mishaps: some(mishapOf(hop)),
    recent: some(fc.record({ number: whole, from: whole, to: whole })),
  })
}

export const frameArbitrary: fc.Arbitrary<Frame> = fc
  .array(hopArbitrary, { minLength: 1, maxLength: 4 })
  .chain((hops) =>
    fc.tuple(
      fc.record({
        instance: fc
          .uint8Array({ minLength: 16, maxLength: 16 })
          .map((bytes) => Buffer.from(bytes).toString('hex')),
        number: whole,
        service: name,
        client: name,
        host: name,
        sentAt: whole,
        flushMs: whole,
        windowMs: fc.integer({ min: 1, max: 2 ** 40 }),
        shape: name,
        seed: fc.nat({ max: 2 ** 32 - 1 }),
        hello: fc.boolean(),
        goodbye: fc.boolean(),
      }),
      partsOf(fc.constantFrom(...hops)),
    ),
  )
  .map(([head, parts]) => ({ ...head, ...parts }) as Frame)
