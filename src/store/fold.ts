/**
 * Folds one batch of frames, inside the transaction of its caller.
 *
 * Law: any order, any repetition and any split into batches of the same frames gives the same
 * evidence. So everything here is a sum, a union, a minimum, a maximum, or "of the highest number".
 */
import type { Shape } from '../drift/shape.ts'
import type { CoverSpan } from '../hop/evidence.ts'
import type { Frame, Strays, TallyDelta } from '../hop/frame.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import { MISHAPS_DROPPED, type Mishap } from '../hop/mishap.ts'
import type { TallyParams } from '../hop/params.ts'
import { addSpan, spansOf, spansText } from './cover-spans.ts'
import { InstancesFold } from './fold-instances.ts'
import { MembershipFold } from './fold-memberships.ts'
import { ShapeFold } from './fold-shapes.ts'
import { TallyFold } from './fold-tallies.ts'
import { MinterFold } from './minters.ts'
import { MishapFold } from './mishaps.ts'
import type { Names } from './names.ts'
import { type ReadDelta, readDeltas } from './read-deltas.ts'
import { readShapes } from './read-shapes.ts'
import { addRecords } from './records.ts'
import { OF_ALL, type ShapePlace } from './shape-rows.ts'
import type { Statements } from './statements.ts'
import type { FoldOutcome, SeenSchema } from './store.ts'

/** The `reason` of gaps, and the hop count, of births that are not believed. */
const STRAY_BIRTHS = 'stray-births'
/** The `reason` of gaps made of sums that no longer fit a sketch. */
const TALLY_OVERFLOW = 'tally-overflow'
/** The hop count of deltas whose window had been pruned. */
const PRUNED_DELTAS = 'pruned-deltas'
/** The same of shapes. */
const PRUNED_SHAPES = 'pruned-shapes'
/** The same of mishaps. */
const PRUNED_MISHAPS = 'pruned-mishaps'
/** The hop count of messages that were looked at, and whose shape no longer fits a row. */
const SHAPE_OVERFLOW = 'shape-overflow'

export class BatchFold {
  readonly #sql: Statements
  readonly #names: Names
  readonly #now: number
  /** Windows that start before this are gone. */
  readonly #watermark: number
  readonly #hops = new Map<HopRef, number>()
  readonly #instances: InstancesFold
  readonly #tallies: TallyFold
  readonly #memberships: MembershipFold
  readonly #shapes: ShapeFold
  readonly #mishaps: MishapFold
  readonly #minters: MinterFold
  readonly #coverage = new Map<string, { hop: number; partition: number; spans: CoverSpan[] }>()
  readonly #counts = new Map<string, { hop: number; name: string; count: number }>()
  readonly #counted: Frame[] = []
  readonly #windows = new Set<number>()
  readonly #schemas = new Map<string, SeenSchema>()
  #taken = 0
  #repeated = 0
  #pruned = 0
  #malformed = 0

  constructor(sql: Statements, names: Names, now: number, watermark: number) {
    this.#sql = sql
    this.#names = names
    this.#now = now
    this.#watermark = watermark
    this.#instances = new InstancesFold(sql)
    this.#memberships = new MembershipFold(sql)
    this.#shapes = new ShapeFold(sql, (hop, looked) => this.#count(hop, SHAPE_OVERFLOW, looked))
    this.#mishaps = new MishapFold(sql, (hop, count) => this.#count(hop, MISHAPS_DROPPED, count))
    this.#minters = new MinterFold(sql)
    this.#tallies = new TallyFold(sql, (hop, window, count) =>
      this.#gap(hop, TALLY_OVERFLOW, count, window, window),
    )
  }

  add(frame: Frame): void {
    if (this.#instances.has(frame)) {
      this.#repeated++
      return
    }
    // All of a frame or nothing: what cannot be read is missing, and its number says so.
    const deltas = readDeltas(frame)
    const shapes = readShapes(frame)
    if (deltas === null || shapes === null) {
      this.#malformed++
      return
    }
    this.#taken++
    this.#counted.push(frame)
    const instance = this.#instances.take(frame, this.#now)
    const idOf = (hop: HopRef): number => {
      const id = this.#hopId(hop)
      instance.mention(id)
      return id
    }
    frame.deltas.forEach((delta, i) => {
      const isKept = this.#addDelta(idOf(delta.hop), frame, delta, deltas[i] as ReadDelta)
      if (isKept) this.#minters.add(instance.id, delta)
    })
    frame.shapes.forEach(({ hop, window, shape }, i) => {
      const place = { window, spanMs: frame.windowMs, hop: idOf(hop) }
      // What all consumers of a group saw is one; who wrote what is told of each producer.
      const writer = hop.role === 'producer' ? instance.id : OF_ALL
      this.#addShape(hop, { ...place, instance: writer }, shapes[i] as Shape, shape.length)
    })
    const { sentAt } = frame
    for (const { hop, partition, from, to } of frame.covered) {
      const id = idOf(hop)
      if (from >= to) continue
      this.#cover(id, partition, { from, to, firstAt: sentAt, lastAt: sentAt })
      instance.reach(id, partition, to)
    }
    for (const seal of frame.seals) instance.seal(idOf(seal.hop), frame.number, seal)
    for (const { hop, reason, count, fromWindow, toWindow } of frame.dropped) {
      this.#gap(idOf(hop), reason, count, fromWindow, toWindow)
    }
    for (const strays of frame.strays) this.#strays(idOf(strays.hop), strays)
    for (const { hop, name, count } of frame.counts) this.#count(idOf(hop), name, count)
    // Only that: who saw something go wrong at a hop need not be one that watches it.
    for (const mishap of frame.mishaps) this.#addMishap(instance.id, mishap)
  }

  write(): FoldOutcome {
    this.#tallies.write()
    this.#memberships.write()
    this.#shapes.write()
    this.#instances.write()
    this.#minters.write()
    this.#mishaps.write()
    for (const { hop, partition, spans } of this.#coverage.values()) {
      this.#sql.run(
        'INSERT INTO coverage (hop, partition, spans) VALUES (?, ?, ?) ' +
          'ON CONFLICT DO UPDATE SET spans = excluded.spans',
        hop,
        partition,
        spansText(spans),
      )
    }
    for (const { hop, name, count } of this.#counts.values()) {
      this.#sql.run(
        'INSERT INTO hop_counts (hop, name, count) VALUES (?, ?, ?) ' +
          `ON CONFLICT DO UPDATE SET count = ${bounded('count + excluded.count')}`,
        hop,
        name,
        count,
      )
    }
    addRecords(this.#sql, this.#counted)
    return {
      taken: this.#taken,
      repeated: this.#repeated,
      malformed: this.#malformed,
      pruned: this.#pruned,
      windows: [...this.#windows].sort((a, b) => a - b),
      schemas: [...this.#schemas.values()],
    }
  }

  #hopId(hop: HopRef): number {
    let id = this.#hops.get(hop)
    if (id === undefined) {
      id = this.#names.hopId(hop)
      this.#hops.set(hop, id)
    }
    return id
  }

  /** Whether its window is still kept. */
  #addDelta(hop: number, frame: Frame, delta: TallyDelta, read: ReadDelta): boolean {
    if (delta.window < this.#watermark) {
      this.#pruned++
      this.#count(hop, PRUNED_DELTAS, 1)
      return false
    }
    const { channel, origin, reason } = delta
    const series = this.#names.seriesId(
      hop,
      channel,
      origin === null ? '' : JSON.stringify([origin.topic, origin.group]),
      reason,
      JSON.stringify(paramsOf(frame, delta)),
    )
    this.#tallies.add(hop, series, read)
    this.#memberships.add(hop, delta, read.membership)
    this.#windows.add(delta.window)
    return true
  }

  #addShape(hop: HopRef, place: ShapePlace, shape: Shape, bytes: number): void {
    if (place.window < this.#watermark) {
      this.#pruned++
      this.#count(place.hop, PRUNED_SHAPES, 1)
      return
    }
    this.#shapes.add(place, shape, bytes)
    for (const { claim, schema } of shape.variants) {
      if (schema === '') continue
      this.#schemas.set(`${place.hop}/${claim}/${schema}`, { key: hopKey(hop), claim, schema })
    }
  }

  #addMishap(instance: number, mishap: Mishap): void {
    const hop = this.#hopId(mishap.hop)
    if (mishap.at < this.#watermark) this.#count(hop, PRUNED_MISHAPS, mishap.count)
    else this.#mishaps.add(instance, hop, mishap)
  }

  #cover(hop: number, partition: number, span: CoverSpan): void {
    const key = `${hop}/${partition}`
    let entry = this.#coverage.get(key)
    if (entry === undefined) {
      const row = this.#sql.get<{ spans: string }>(
        'SELECT spans FROM coverage WHERE hop = ? AND partition = ?',
        hop,
        partition,
      )
      entry = { hop, partition, spans: row === undefined ? [] : spansOf(row.spans) }
      this.#coverage.set(key, entry)
    }
    addSpan(entry.spans, span)
  }

  /** Each window that is named counts one at least; the rest of the count stands at the first. */
  #strays(hop: number, { count, windows }: Strays): void {
    this.#count(hop, STRAY_BIRTHS, count)
    windows.forEach((window, i) => {
      const own = i === 0 ? Math.max(1, count - windows.length + 1) : 1
      this.#gap(hop, STRAY_BIRTHS, own, window, window)
    })
  }

  #gap(hop: number, reason: string, count: number, from: number, to: number): void {
    if (to < this.#watermark) return
    this.#sql.run(
      'INSERT INTO gaps (hop, reason, from_window, to_window, count) VALUES (?, ?, ?, ?, ?) ' +
        `ON CONFLICT DO UPDATE SET count = ${bounded('count + excluded.count')}`,
      hop,
      reason,
      from,
      to,
      count,
    )
  }

  #count(hop: number, name: string, count: number): void {
    const key = `${hop}/${name}`
    const entry = this.#counts.get(key)
    if (entry === undefined) this.#counts.set(key, { hop, name, count })
    else entry.count = Math.min(entry.count + count, Number.MAX_SAFE_INTEGER)
  }
}

/** Field by field, always in this order: its JSON is part of a key. */
function paramsOf(frame: Frame, delta: TallyDelta): TallyParams {
  return {
    windowMs: frame.windowMs,
    identity: delta.identity,
    element: delta.element,
    oneIn: delta.oneIn,
    shape: frame.shape,
    seed: frame.seed,
  }
}

/** Sums stay numbers that JavaScript can read back, whatever frames claim. */
function bounded(sum: string): string {
  return `min(${sum}, ${Number.MAX_SAFE_INTEGER})`
}
