/**
 * Adds the tallies of a batch to those in the store: deltas of one series and window are merged in
 * memory first, so that each stored sketch is read, merged and written once per batch.
 */
import type { OffsetRange } from '../base/intervals.ts'
import { mergeSpans, type TagSpan } from '../hop/tag-spans.ts'
import type { Latencies } from '../sketch/latency.ts'
import { Sketch, SketchFormatError } from '../sketch/sketch.ts'
import { latenciesOf, type ReadDelta } from './read-deltas.ts'
import type { Statements } from './statements.ts'

/** Tallies held in memory before they are written; a full one takes about 65 KB. */
const HELD_MAX = 500

interface Held {
  readonly series: number
  readonly hop: number
  readonly window: number
  readonly sketch: Sketch
  /** The bytes of `sketch`, as long as nothing has been merged into it. */
  bytes: Uint8Array | null
  count: number
  placeless: number
  readonly ranges: Map<number, { low: number; high: number }>
  tags: readonly TagSpan[] | null
  readonly birthLatency: Latencies
  readonly hopLatency: Latencies
}

interface Row {
  readonly count: number
  readonly placeless: number
  readonly ranges: string
  readonly sketch: Buffer
  readonly tags: string
  readonly birth_latency: Buffer
  readonly hop_latency: Buffer
}

/** Told of sums that no longer fit a sketch: `count` messages of the window are not in the tally. */
type OnOverflow = (hop: number, window: number, count: number) => void

export class TallyFold {
  readonly #sql: Statements
  readonly #onOverflow: OnOverflow
  readonly #held = new Map<string, Held>()

  constructor(sql: Statements, onOverflow: OnOverflow) {
    this.#sql = sql
    this.#onOverflow = onOverflow
  }

  add(hop: number, series: number, delta: ReadDelta): void {
    const key = `${series}/${delta.window}`
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.sketch.merge(delta.sketch)
      held.bytes = null
      held.count += delta.count
      held.placeless += delta.placeless
      unite(held.ranges, delta.ranges)
      held.tags = mergeSpans(held.tags, delta.tags)
      held.birthLatency.merge(delta.birthLatency)
      held.hopLatency.merge(delta.hopLatency)
      return
    }
    if (this.#held.size >= HELD_MAX) this.write()
    const { window, sketch, bytes, count, placeless, tags, birthLatency, hopLatency } = delta
    const ranges = new Map<number, { low: number; high: number }>()
    unite(ranges, delta.ranges)
    this.#held.set(key, {
      ...{ series, hop, window, sketch, bytes, count, placeless, ranges },
      ...{ tags, birthLatency, hopLatency },
    })
  }

  write(): void {
    for (const held of this.#held.values()) this.#writeOne(held)
    this.#held.clear()
  }

  #writeOne(held: Held): void {
    const row = this.#sql.get<Row>(
      'SELECT count, placeless, ranges, sketch, tags, birth_latency, hop_latency ' +
        'FROM tallies WHERE window = ? AND series = ?',
      held.window,
      held.series,
    )
    if (row !== undefined) {
      const { seed, limbs } = held.sketch
      held.sketch.merge(Sketch.fromBytes(row.sketch, seed, limbs))
      held.bytes = null
      unite(held.ranges, rangesOf(row.ranges))
      held.tags = mergeSpans(held.tags, tagsOf(row.tags))
      held.birthLatency.merge(latenciesOf(row.birth_latency))
      held.hopLatency.merge(latenciesOf(row.hop_latency))
    }
    const bytes = held.bytes ?? bytesOf(held.sketch)
    if (bytes === null) {
      this.#onOverflow(held.hop, held.window, held.count)
      return
    }
    this.#sql.run(
      'INSERT INTO tallies (window, series, count, placeless, ranges, sketch, tags, ' +
        'birth_latency, hop_latency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET count = excluded.count, placeless = excluded.placeless, ' +
        'ranges = excluded.ranges, sketch = excluded.sketch, tags = excluded.tags, ' +
        'birth_latency = excluded.birth_latency, hop_latency = excluded.hop_latency',
      held.window,
      held.series,
      held.count + (row?.count ?? 0),
      held.placeless + (row?.placeless ?? 0),
      rangesText(held.ranges),
      bytes,
      tagsText(held.tags),
      bytesOrNone(held.birthLatency),
      bytesOrNone(held.hopLatency),
    )
  }
}

/** Null if the sums do not fit: honest agents never get there, and others must not stop the audit. */
function bytesOf(sketch: Sketch): Uint8Array | null {
  try {
    return sketch.toBytes()
  } catch (error) {
    if (error instanceof SketchFormatError) return null
    throw error
  }
}

function unite(
  into: Map<number, { low: number; high: number }>,
  ranges: readonly OffsetRange[],
): void {
  for (const { partition, low, high } of ranges) {
    const range = into.get(partition)
    if (range === undefined) {
      into.set(partition, { low, high })
      continue
    }
    if (low < range.low) range.low = low
    if (high > range.high) range.high = high
  }
}

function rangesText(ranges: ReadonlyMap<number, { low: number; high: number }>): string {
  const rows = [...ranges].map(([partition, { low, high }]) => [partition, low, high] as const)
  return JSON.stringify(rows.sort((a, b) => a[0] - b[0]))
}

function tagsText(tags: readonly TagSpan[] | null): string {
  if (tags === null) return ''
  return JSON.stringify(tags.map(({ tag, low, high, count }) => [tag, low, high, count]))
}

export function tagsOf(text: string): TagSpan[] | null {
  if (text === '') return null
  const rows = JSON.parse(text) as [number, number, number, number][]
  return rows.map(([tag, low, high, count]) => ({ tag, low, high, count }))
}

function bytesOrNone(latencies: Latencies): Uint8Array {
  return latencies.count === 0 ? NONE : latencies.toBytes()
}

const NONE = new Uint8Array(0)

/** By partition. */
export function rangesOf(text: string): OffsetRange[] {
  const rows = JSON.parse(text) as [number, number, number][]
  return rows.map(([partition, low, high]) => ({ partition, low, high }))
}
