/** Frames: what Avro's bounds let through, what decodes, and the spans of tags within. */
import { crc32 } from 'node:zlib'
import { avroChecker } from '../../src/base/avro-bounds.ts'
import { SINGLE_OBJECT_HEADER_BYTES } from '../../src/base/avro-fingerprint.ts'
import { QuipuError } from '../../src/base/errors.ts'
import { FieldBudget } from '../../src/drift/field-budget.ts'
import { ShapeBuilder } from '../../src/drift/open-shape.ts'
import { oddities, unreadReasons } from '../../src/drift/shape.ts'
import { channels, type Frame, type TallyDelta } from '../../src/hop/frame.ts'
import { decodeFrame, encodeFrame } from '../../src/hop/frame-codec.ts'
import { frameSchema } from '../../src/hop/frame-schema.ts'
import { type HopRef, hopKey, hopOfKey, hopRoles } from '../../src/hop/hop.ts'
import { MISHAP_DETAIL_CHARS_MAX, type Mishap, mishapKinds } from '../../src/hop/mishap.ts'
import { SHAPE } from '../../src/hop/params.ts'
import { mergeSpans, TAGS_MAX, type TagSpan } from '../../src/hop/tag-spans.ts'
import { CAPACITY_MAX } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import type { Random } from './random.ts'
import { sketchOf } from './sketches.ts'
import { latenciesOf, membershipOf } from './small-sketches.ts'
import { must, type Target } from './target.ts'

const WINDOW_MS = 60_000
/** avsc takes longs up to 2^53 − 10. */
const LONG_MAX: number = 2 ** 53 - 10

export const frames: Target<Frame> = {
  name: 'frame',
  weight: 50,
  valid: (random) => encodeFrame(frameOf(random)),
  odd: (random) => encodeFrame(oddFrame(random)),
  reseal,
  decode: decodeFrame,
  refuses: isFormatError,
  // A hop of six bytes becomes an object of five names.
  bytesMax: (length) => 256 * 1024 + 64 * length,
  examine: (frame) => {
    // Avro has several forms of one value, so it is the value that must come back.
    const again = decodeFrame(encodeFrame(frame))
    must(plain(again) === plain(frame), 'comes back as another frame')
    for (const { hop } of frame.deltas) {
      must(hopKey(hopOfKey(hopKey(hop))) === hopKey(hop), 'a hop without a key')
    }
  },
}

const check = avroChecker(frameSchema)

export const bounds: Target<true> = {
  name: 'avro-bounds',
  weight: 50,
  valid: (random) => encodeFrame(frameOf(random)).subarray(SINGLE_OBJECT_HEADER_BYTES),
  odd: (random) => encodeFrame(oddFrame(random)).subarray(SINGLE_OBJECT_HEADER_BYTES),
  decode: (bytes) => {
    check(bytes, 0)
    return true
  },
  // Its own error, which frames turn into theirs.
  refuses: (error) => error instanceof RangeError && / at byte |too many$/.test(error.message),
  bytesMax: () => 4096,
  looksMax: 1,
  examine: (_, bytes) => {
    // What is within bounds may still be no frame, but reading it must not fail in another way.
    const whole = Buffer.concat([HEADER, bytes])
    try {
      decodeFrame(reseal(whole))
    } catch (error) {
      if (!isFormatError(error)) throw error
    }
  },
}

/** Laws of `mergeSpans`, over all tags that a frame brings. */
export const spans: Target<readonly (readonly TagSpan[] | null)[]> = {
  name: 'tag-spans',
  weight: 30,
  valid: (random) => encodeFrame(framesOfTags(random, (r) => tagsOf(r))),
  odd: (random) => encodeFrame(framesOfTags(random, oddTags)),
  reseal,
  decode: (bytes) => decodeFrame(bytes).deltas.map(({ tags }) => tags),
  refuses: isFormatError,
  bytesMax: frames.bytesMax,
  examine: (all) => {
    for (const [i, a] of all.slice(0, 4).entries()) {
      for (const b of all.slice(0, i + 1)) {
        const sum = mergeSpans(a, b)
        must(text(sum) === text(mergeSpans(b, a)), 'the order of two matters')
        for (const c of all.slice(0, 3)) {
          const left = mergeSpans(sum, c)
          must(text(left) === text(mergeSpans(a, mergeSpans(b, c))), 'the order of three matters')
        }
        if (sum !== null) examineSum(sum)
      }
      if (a !== null) must(text(mergeSpans(a, [])) === text(a), 'adding nothing changes spans')
    }
  },
}

function examineSum(sum: readonly TagSpan[]): void {
  must(sum.length <= TAGS_MAX, `${sum.length} tags`)
  for (const { tag, low, high, count } of sum) {
    must(low <= high && count > 0, `of ${tag} ${count} from ${low} to ${high}`)
    must([tag, low, high, count].every(Number.isSafeInteger), 'a sum that is not exact')
  }
}

const HEADER = encodeFrame(frameWith({})).subarray(0, SINGLE_OBJECT_HEADER_BYTES)

export function reseal(bytes: Uint8Array): Uint8Array {
  if (bytes.length < SINGLE_OBJECT_HEADER_BYTES + 4) return bytes
  const sealed = Buffer.from(bytes)
  const end = sealed.length - 4
  sealed.writeUInt32BE(crc32(sealed.subarray(0, end)), end)
  return new Uint8Array(sealed)
}

export function isFormatError(error: unknown): boolean {
  return error instanceof QuipuError && error.code === 'FORMAT'
}

const HOPS: readonly HopRef[] = hopRoles.map((role) => ({
  ...{ role, cluster: 'default', topic: 'flights', group: 'enrich', name: 'checkin' },
}))

/** As an agent could cut it; sketches, filters and latencies can be read, and counts are theirs. */
export function frameOf(random: Random): Frame {
  const hop = (): HopRef => random.pick(HOPS)
  const window = (): number => WINDOW_MS * random.below(4)
  const some = <T>(item: () => T): T[] => random.list(random.size(3), item)
  const number = random.below(6)
  return frameWith({
    instance: Buffer.from([random.below(2), ...new Array<number>(15).fill(7)]).toString('hex'),
    number,
    service: name(random),
    client: name(random),
    host: name(random),
    sentAt: random.size(LONG_MAX),
    goodbye: random.oneIn(4),
    deltas: some(() => deltaOf(random, hop(), window())),
    covered: some(() => {
      const from = random.size(1000)
      return { hop: hop(), partition: random.size(3), from, to: from + random.size(50) }
    }),
    seals: some(() => ({ hop: hop(), sealedUntil: random.size(LONG_MAX), open: some(window) })),
    dropped: some(() => {
      const fromWindow = window()
      const toWindow = fromWindow + window()
      return {
        hop: hop(),
        reason: name(random),
        count: random.size(LONG_MAX),
        fromWindow,
        toWindow,
      }
    }),
    strays: some(() => ({ hop: hop(), count: random.size(LONG_MAX), windows: some(window) })),
    counts: some(() => ({ hop: hop(), name: name(random), count: random.size(LONG_MAX) })),
    shapes: some(() => ({ hop: hop(), window: window(), shape: shapeOf(random) })),
    mishaps: some(() => mishapOf(random, hop())),
    // What is said of a frame follows from its number, so that no two contradict each other.
    recent: random.list(random.below(number + 1), (i) => ({
      number: i,
      from: 0,
      to: i * WINDOW_MS,
    })),
  })
}

function mishapOf(random: Random, hop: HopRef): Mishap {
  const from = random.oneIn(2) ? -1 : random.size(1000)
  const hex = (bytes: number): string =>
    random.oneIn(2) ? '' : Buffer.from(random.bytes(bytes)).toString('hex')
  const trace = hex(24)
  return {
    ...{ hop, kind: random.pick(mishapKinds), at: random.size(LONG_MAX) },
    ...{ partition: random.size(3) - 1, from, to: from < 0 ? -1 : from + random.size(50) },
    ...{ id: hex(16), traceId: trace.slice(0, 32), spanId: trace.slice(32) },
    ...{ detail: name(random).slice(0, MISHAP_DETAIL_CHARS_MAX), count: 1 + random.size(9) },
  }
}

const LOOKED = { claim: 'confluent', type: '' } as const

/** As an agent could have made it. */
function shapeOf(random: Random): Uint8Array {
  const builder = new ShapeBuilder({
    ...{ oneIn: random.pick([1, 64]), declared: random.pick(['', '0123456789abcdef']) },
    ...{ fields: null, values: random.oneIn(2), budget: new FieldBudget() },
  })
  for (let i = random.below(6); i > 0; i--) {
    const id = Buffer.from(random.bytes(16)).toString('hex')
    const variant = { ...LOOKED, schema: random.pick(['', '7', '8']) }
    const kind = random.below(4)
    if (kind === 0) builder.tombstone()
    else if (kind === 1) builder.unread(id, variant, random.pick(unreadReasons))
    else if (kind === 2) {
      const odd = { path: name(random), expected: name(random), came: name(random) }
      builder.odd(id, variant, [{ kind: random.pick(oddities), ...odd }])
    } else {
      const value = {
        [name(random)]: random.size(9),
        b: [null, name(random), random.below(99) / 7],
      }
      builder.value(id, variant, value, [])
    }
  }
  return builder.toBytes()
}

function deltaOf(random: Random, hop: HopRef, window: number): TallyDelta {
  const isWide = random.oneIn(3)
  let sketch = sketchOf(random, isWide ? 5 : 4)
  if (sketch.count < 0) {
    const positive = new Sketch(DEFAULT_SEED, isWide ? 5 : 4)
    positive.merge(sketch, -1)
    sketch = positive
  }
  const { count } = sketch
  const birth = latenciesOf(random, Math.min(count, 30))
  const isCounted = birth.count <= count
  const low = random.size(LONG_MAX)
  return {
    hop,
    channel: random.pick(channels),
    origin: random.oneIn(3) ? { topic: name(random), group: name(random) } : null,
    reason: name(random),
    identity: 'stamp',
    element: isWide ? 'id+digest(value)' : 'id',
    oneIn: random.oneIn(4) ? 64 : 1,
    window,
    count,
    placeless: random.below(count + 1),
    sketch: sketch.toBytes(),
    ranges: random.list(random.below(3), (partition) => ({ partition, low, high: low })),
    birthLatency: isCounted ? birth.toBytes() : new Uint8Array(0),
    hopLatency: new Uint8Array(0),
    membership: random.oneIn(6)
      ? { capacity: 1000, bits: membershipOf(random, 1000).toBytes() }
      : null,
    tags: random.oneIn(2) ? tagsOf(random) : null,
  }
}

/** Contents that contradict each other, or that are no sketches, in a frame that can be written. */
export function oddFrame(random: Random): Frame {
  const frame = frameOf(random)
  const deltas = frame.deltas.map((delta): TallyDelta => {
    switch (random.below(7)) {
      case 0:
        return { ...delta, sketch: random.bytes(random.size(200)) }
      case 1:
        return { ...delta, count: LONG_MAX }
      case 2:
        return { ...delta, birthLatency: random.bytes(random.size(50)) }
      case 3:
        return { ...delta, tags: oddTags(random) }
      case 4:
        return { ...delta, membership: { capacity: random.size(2 ** 31 - 1), bits: NO_BITS } }
      case 5:
        return { ...delta, element: 'id+digest(key)' }
      default:
        return delta
    }
  })
  const rest = random.oneIn(3) ? { shape: 'q2' } : {}
  const shapes = frame.shapes.map((delta) =>
    random.oneIn(4) ? { ...delta, shape: random.bytes(random.size(200)) } : delta,
  )
  return { ...frame, ...rest, deltas, shapes, number: random.size(LONG_MAX) }
}

/** The form of a sparse filter of 1,000 without any. */
const NO_BITS = Uint8Array.of(0x12, 0xe8, 0x07, 0)

/** Little on the wire and much in memory, many times: what a reader must not take in at once. */
export function packedFrame(random: Random): Frame {
  const { hop, ...plain } = deltaOf(random, HOPS[0]!, 0)
  const isTable = random.oneIn(2)
  const delta = {
    ...{ ...plain, hop, count: 0, placeless: 0, element: 'id', birthLatency: NOTHING },
    sketch: isTable ? Uint8Array.of(3, ...new Uint8Array(146)) : Uint8Array.of(1, 0, 0),
    membership: isTable ? null : { capacity: CAPACITY_MAX, bits: NO_BITS_OF_MANY },
  }
  const most = isTable ? 4000 : 700
  return frameWith({ deltas: new Array(random.from(most / 2, most)).fill(delta) })
}

const NOTHING = new Uint8Array(0)
/** The form of a sparse filter of `CAPACITY_MAX` without any. */
const NO_BITS_OF_MANY = Uint8Array.of(0x12, 0xd3, 0xda, 0x1a, 0)

function tagsOf(random: Random): TagSpan[] {
  const tags = new Set(random.list(random.size(TAGS_MAX), () => random.size(2 ** 40 - 1)))
  return [...tags].sort((a, b) => a - b).map((tag) => spanOf(random, tag))
}

function oddTags(random: Random): TagSpan[] {
  return random.list(random.size(8), () => spanOf(random, random.below(4)))
}

function spanOf(random: Random, tag: number): TagSpan {
  const low = random.size(2 ** 24 - 1)
  return { tag, low, high: random.from(low, 2 ** 24 - 1), count: 1 + random.size(LONG_MAX - 1) }
}

function framesOfTags(random: Random, tags: (random: Random) => TagSpan[]): Frame {
  const delta = deltaOf(random, HOPS[0]!, 0)
  const deltas = random.list(random.from(1, 3), () => ({
    ...{ ...delta, sketch: new Uint8Array(0), birthLatency: new Uint8Array(0), membership: null },
    tags: random.oneIn(9) ? null : tags(random),
  }))
  return frameWith({ deltas })
}

function frameWith(rest: Partial<Frame>): Frame {
  return {
    ...{ instance: '00'.repeat(16), number: 0, service: '', client: '', host: '' },
    ...{ sentAt: 0, flushMs: 5_000, shapes: [], mishaps: [] },
    ...{ windowMs: WINDOW_MS, shape: SHAPE, seed: DEFAULT_SEED, hello: false, goodbye: false },
    ...{ deltas: [], covered: [], seals: [], dropped: [], strays: [], counts: [], recent: [] },
    ...rest,
  }
}

const name = (random: Random): string =>
  random.pick(['', 'a', 'b', '\u0000', 'é/%', '\u{1f600}', '"]', 'x'.repeat(300)])

/** Bytes as lists, so that a Buffer equals an array. */
function plain(frame: Frame): string {
  return JSON.stringify(frame, (_, value: unknown) =>
    value instanceof Uint8Array ? [...value] : bufferList(value),
  )
}

/** What `toJSON` has made of a Buffer before the replacer sees it. */
function bufferList(value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' ? data : value
}

const text = (value: unknown): string => JSON.stringify(value)
