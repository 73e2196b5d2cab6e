/**
 * Frames to bytes and back: Avro, single-object encoded, schema in frame-schema.ts.
 *
 * | bytes | what                                                               |
 * | ----- | ------------------------------------------------------------------ |
 * | 2     | `C3 01`                                                            |
 * | 8     | CRC-64-AVRO of the schema in Parsing Canonical Form, little-endian |
 * | rest  | one `quipu.Frame`, to the last byte; 1 MiB in all at most          |
 *
 * Its last four bytes are a checksum: Avro reads nearly half of all flipped bits as other numbers.
 *
 * Each hop is written once, in a table: deltas, coverage, seals refer to it by index. Whatever the
 * bytes, decoding ends soon, with a frame whose every number is in its range or with a QuipuError.
 */
import { crc32 } from 'node:zlib'
import { SINGLE_OBJECT_HEADER_BYTES, SINGLE_OBJECT_MARKER } from '../base/avro-fingerprint.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { SEQUENCE_LIMIT } from '../message/id.ts'
import { RECORD_BYTES_MAX } from '../transport/transport.ts'
import {
  type Channel,
  type Frame,
  SHAPE_DELTA_BYTES_MAX,
  SHAPES_MAX,
  type ShapeDelta,
} from './frame.ts'
import { frameType, frameVersions } from './frame-versions.ts'
import { type HopRef, type HopRole, hopKey } from './hop.ts'
import { MISHAP_DETAIL_CHARS_MAX, MISHAPS_MAX, type Mishap, type MishapKind } from './mishap.ts'
import { TAGS_MAX, type TagSpan } from './tag-spans.ts'

/** Names in a frame, characters: topics have 249 at most, but groups and services are free. */
const TEXT_MAX = 4_096
/** Spans, stray windows: agents send 16 of each. */
const SHORT_LIST_MAX = 1_024

const INT_MAX = 0x7fffffff
/** Of a message, and of a trace; a span's id has 8 bytes. */
const ID_BYTES = 16
const TRACE_BYTES: number = ID_BYTES + 8

const CHECK_BYTES = 4
/** In the place of the checksum, until all before it is written. */
const NO_CHECK = Buffer.alloc(CHECK_BYTES)

const [{ header }] = frameVersions

/** Frames above `RECORD_BYTES_MAX` are encoded too: it is the transport that refuses them. */
export function encodeFrame(frame: Frame): Uint8Array {
  const hops = new HopTable()
  const at = <T extends { readonly hop: HopRef }>(part: T): Omit<T, 'hop'> & { hop: number } => ({
    ...part,
    hop: hops.indexOf(part.hop),
  })
  const value = {
    ...frame,
    instance: Buffer.from(frame.instance, 'hex'),
    deltas: frame.deltas.map((delta) => ({
      ...at(delta),
      sketch: asBuffer(delta.sketch),
      birthLatency: asBuffer(delta.birthLatency),
      hopLatency: asBuffer(delta.hopLatency),
      membership: delta.membership && {
        capacity: delta.membership.capacity,
        bits: asBuffer(delta.membership.bits),
      },
    })),
    covered: frame.covered.map(at),
    seals: frame.seals.map(at),
    dropped: frame.dropped.map(at),
    strays: frame.strays.map(at),
    counts: frame.counts.map(at),
    shapes: frame.shapes.map((shape) => ({ ...at(shape), shape: asBuffer(shape.shape) })),
    mishaps: frame.mishaps.map((mishap) => ({
      ...at(mishap),
      id: Buffer.from(mishap.id, 'hex'),
      trace: Buffer.from(mishap.traceId + mishap.spanId, 'hex'),
    })),
    hops: hops.list,
    check: NO_CHECK,
  }
  try {
    const bytes = Buffer.concat([header, frameType.toBuffer(value)])
    const end = bytes.length - CHECK_BYTES
    bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end)
    return bytes
  } catch (error) {
    throw new QuipuError('FORMAT', `the frame cannot be encoded: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > RECORD_BYTES_MAX) {
    malformed(`${bytes.length} bytes, more than ${RECORD_BYTES_MAX}`)
  }
  const buffer = asBuffer(bytes)
  if (SINGLE_OBJECT_MARKER.some((byte, i) => buffer[i] !== byte)) {
    throw new QuipuError('FORMAT', 'foreign: the record is no frame', {
      hint: 'Let only Quipu agents write to the audit topic.',
    })
  }
  if (buffer.length < SINGLE_OBJECT_HEADER_BYTES) malformed('cut short')
  const version = frameVersions.find((known) =>
    buffer.subarray(0, SINGLE_OBJECT_HEADER_BYTES).equals(known.header),
  )
  if (version === undefined) {
    throw new QuipuError('FORMAT', 'foreign: the frame was made by a version that is not known', {
      hint: 'Update the auditor before the agents, and agents before the next auditor.',
    })
  }
  let raw: RawFrame
  try {
    version.check(buffer, SINGLE_OBJECT_HEADER_BYTES)
    const end = buffer.length - CHECK_BYTES
    if (crc32(buffer.subarray(0, end)) !== buffer.readUInt32BE(end)) {
      malformed('its checksum is another: bytes have changed on the way')
    }
    raw = version.read(buffer, SINGLE_OBJECT_HEADER_BYTES) as RawFrame
  } catch (error) {
    if (error instanceof QuipuError) throw error
    return malformed(messageOf(error), error)
  }
  return frameOf(raw)
}

class HopTable {
  readonly list: HopRef[] = []
  readonly #byObject = new Map<HopRef, number>()
  readonly #byKey = new Map<string, number>()

  /** Hop objects are shared between parts, so their key is rarely needed. */
  indexOf(hop: HopRef): number {
    let index = this.#byObject.get(hop)
    if (index !== undefined) return index
    const key = hopKey(hop)
    index = this.#byKey.get(key) ?? this.list.push(hop) - 1
    this.#byKey.set(key, index)
    this.#byObject.set(hop, index)
    return index
  }
}

/** As avsc builds it: the lists of the frame, with hops by index. */
type Indexed<T> = Omit<T, 'hop'> & { readonly hop: number }
type RawFrame = Omit<
  Frame,
  | 'instance'
  | 'deltas'
  | 'covered'
  | 'seals'
  | 'dropped'
  | 'strays'
  | 'counts'
  | 'shapes'
  | 'mishaps'
> & {
  readonly instance: Buffer
  readonly hops: readonly HopRef[]
  readonly deltas: readonly Indexed<Frame['deltas'][number]>[]
  readonly covered: readonly Indexed<Frame['covered'][number]>[]
  readonly seals: readonly Indexed<Frame['seals'][number]>[]
  readonly dropped: readonly Indexed<Frame['dropped'][number]>[]
  readonly strays: readonly Indexed<Frame['strays'][number]>[]
  readonly counts: readonly Indexed<Frame['counts'][number]>[]
  readonly shapes: readonly Indexed<Frame['shapes'][number]>[]
  readonly mishaps: readonly RawMishap[]
}
type RawMishap = Omit<Indexed<Mishap>, 'id' | 'traceId' | 'spanId'> & {
  readonly id: Buffer
  readonly trace: Buffer
}

/** The one place where every field is looked at: what is not named here does not get in. */
function frameOf(raw: RawFrame): Frame {
  const hops = raw.hops.map(
    ({ role, cluster, topic, group, name }): HopRef => ({
      role: role as HopRole,
      cluster: text(cluster),
      topic: text(topic),
      group: text(group),
      name: text(name),
    }),
  )
  const hopAt = (index: number): HopRef => hops[index] ?? malformed(`no hop ${index}`)
  return {
    instance: raw.instance.toString('hex'),
    number: whole(raw.number),
    service: text(raw.service),
    client: text(raw.client),
    host: text(raw.host),
    sentAt: whole(raw.sentAt),
    flushMs: whole(raw.flushMs),
    windowMs: raw.windowMs > 0 ? raw.windowMs : malformed(`a window of ${raw.windowMs} ms`),
    shape: text(raw.shape),
    seed: whole(raw.seed) <= 0xffffffff ? raw.seed : malformed('a seed beyond 32 bits'),
    hello: raw.hello,
    goodbye: raw.goodbye,
    deltas: raw.deltas.map((d) => ({
      hop: hopAt(d.hop),
      channel: d.channel as Channel,
      origin: d.origin && { topic: text(d.origin.topic), group: text(d.origin.group) },
      reason: text(d.reason),
      identity: text(d.identity),
      element: text(d.element),
      oneIn: d.oneIn >= 1 ? int(d.oneIn) : malformed(`a sample of one in ${d.oneIn}`),
      window: whole(d.window),
      count: whole(d.count),
      placeless: d.placeless <= d.count ? whole(d.placeless) : malformed('placeless above count'),
      sketch: d.sketch,
      ranges: d.ranges.map(({ partition, low, high }) => {
        if (low > high) malformed(`a range from ${low} to ${high}`)
        return { partition: int(partition), low: whole(low), high }
      }),
      birthLatency: d.birthLatency,
      hopLatency: d.hopLatency,
      membership: d.membership && {
        capacity: int(d.membership.capacity),
        bits: d.membership.bits,
      },
      tags: d.tags && tags(d.tags),
    })),
    covered: raw.covered.map(({ hop, partition, from, to }) => {
      if (from > to) malformed(`coverage from ${from} to ${to}`)
      return { hop: hopAt(hop), partition: int(partition), from: whole(from), to }
    }),
    seals: raw.seals.map((s) => ({
      hop: hopAt(s.hop),
      sealedUntil: whole(s.sealedUntil),
      open: s.open.map(whole),
    })),
    dropped: raw.dropped.map(({ hop, reason, count, fromWindow, toWindow }) => {
      if (fromWindow > toWindow) malformed(`windows from ${fromWindow} to ${toWindow}`)
      return {
        hop: hopAt(hop),
        reason: text(reason),
        count: whole(count),
        fromWindow: whole(fromWindow),
        toWindow,
      }
    }),
    strays: raw.strays.map(({ hop, count, windows }) => ({
      hop: hopAt(hop),
      count: whole(count),
      windows: short(windows).map(whole),
    })),
    counts: raw.counts.map(({ hop, name, count }) => ({
      hop: hopAt(hop),
      name: text(name),
      count: whole(count),
    })),
    shapes: shapes(raw.shapes, hopAt),
    mishaps: mishaps(raw.mishaps, hopAt),
    recent: short(raw.recent).map(({ number, from, to }) => ({
      number: whole(number),
      from: whole(from),
      to: whole(to),
    })),
  }
}

function tags(spans: readonly TagSpan[]): TagSpan[] {
  if (spans.length > TAGS_MAX) malformed(`${spans.length} tags in one delta`)
  return spans.map(({ tag, low, high, count }, i) => {
    // Of two spans of one tag, merging would keep both or one, by the order of what is merged.
    if (i > 0 && tag <= spans[i - 1]!.tag) malformed(`tag ${tag} out of order`)
    const isSound = tag < 2 ** 40 && low <= high && high < SEQUENCE_LIMIT && count > 0
    if (!isSound) malformed(`of tag ${tag} ${count} sequences from ${low} to ${high}`)
    return { tag: whole(tag), low: whole(low), high, count: whole(count) }
  })
}

/** Their bytes stay closed here: whoever adds them up reads them, and takes the frame or refuses it. */
function shapes(raw: RawFrame['shapes'], hopAt: (index: number) => HopRef): ShapeDelta[] {
  if (raw.length > SHAPES_MAX) malformed(`${raw.length} shapes`)
  return raw.map(({ hop, window, shape }) => {
    if (shape.length > SHAPE_DELTA_BYTES_MAX) malformed(`a shape of ${shape.length} bytes`)
    return { hop: hopAt(hop), window: whole(window), shape }
  })
}

function mishaps(raw: RawFrame['mishaps'], hopAt: (index: number) => HopRef): Mishap[] {
  if (raw.length > MISHAPS_MAX) malformed(`${raw.length} mishaps`)
  return raw.map(({ hop, kind, at, partition, from, to, id, trace, detail, count }) => {
    if (partition < -1 || partition > INT_MAX) malformed(`the partition ${partition}`)
    const isNone = from === -1 && to === -1
    if (!isNone && whole(from) > whole(to)) malformed(`a mishap from ${from} to ${to}`)
    if (id.length !== 0 && id.length !== ID_BYTES) malformed(`an id of ${id.length} bytes`)
    if (trace.length !== 0 && trace.length !== TRACE_BYTES) {
      malformed(`a trace of ${trace.length} bytes`)
    }
    if (detail.length > MISHAP_DETAIL_CHARS_MAX)
      malformed(`a detail of ${detail.length} characters`)
    if (count < 1) malformed(`a mishap that came ${count} times`)
    return {
      hop: hopAt(hop),
      kind: kind as MishapKind,
      at: whole(at),
      partition,
      from,
      to,
      id: id.toString('hex'),
      traceId: trace.toString('hex', 0, ID_BYTES),
      spanId: trace.toString('hex', ID_BYTES),
      detail,
      count: whole(count),
    }
  })
}

function whole(value: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : malformed(`the number ${value}`)
}

/** avsc reads an int of any size, but does not write it. */
function int(value: number): number {
  return whole(value) <= INT_MAX ? value : malformed(`the partition ${value}`)
}

function text(value: string): string {
  return value.length <= TEXT_MAX ? value : malformed(`a name of ${value.length} characters`)
}

function short<T>(items: readonly T[]): readonly T[] {
  return items.length <= SHORT_LIST_MAX ? items : malformed(`a list of ${items.length}`)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function malformed(why: string, cause?: unknown): never {
  throw new QuipuError('FORMAT', `malformed frame: ${why}`, { cause })
}
