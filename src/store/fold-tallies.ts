/**
 * Adds the tallies of a batch to those in the store: deltas of one series and window are merged in
 * memory first, so that each stored sketch is read, merged and written once per batch.
 */
import type { OffsetRange } from '../base/intervals.ts'
import { Sketch, SketchFormatError } from '../sketch/sketch.ts'
import type { Statements } from './statements.ts'

/** Tallies held in memory before they are written; a full one takes about 65 KB. */
const HELD_MAX = 500

/** A delta whose sketch has been read. */
export interface ReadDelta {
  readonly window: number
  readonly count: number
  readonly placeless: number
  readonly ranges: readonly OffsetRange[]
  readonly bytes: Uint8Array
  readonly sketch: Sketch
}

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
}

interface Row {
  readonly count: number
  readonly placeless: number
  readonly ranges: string
  readonly sketch: Buffer
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
      return
    }
    if (this.#held.size >= HELD_MAX) this.write()
    const { window, sketch, bytes, count, placeless } = delta
    const ranges = new Map<number, { low: number; high: number }>()
    unite(ranges, delta.ranges)
    this.#held.set(key, { series, hop, window, sketch, bytes, count, placeless, ranges })
  }

  write(): void {
    for (const held of this.#held.values()) this.#writeOne(held)
    this.#held.clear()
  }

  #writeOne(held: Held): void {
    const row = this.#sql.get<Row>(
      'SELECT count, placeless, ranges, sketch FROM tallies WHERE window = ? AND series = ?',
      held.window,
      held.series,
    )
    if (row !== undefined) {
      held.sketch.merge(Sketch.fromBytes(row.sketch, held.sketch.seed))
      held.bytes = null
      unite(held.ranges, rangesOf(row.ranges))
    }
    const bytes = held.bytes ?? bytesOf(held.sketch)
    if (bytes === null) {
      this.#onOverflow(held.hop, held.window, held.count)
      return
    }
    this.#sql.run(
      'INSERT INTO tallies (window, series, count, placeless, ranges, sketch) ' +
        'VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count, ' +
        'placeless = excluded.placeless, ranges = excluded.ranges, sketch = excluded.sketch',
      held.window,
      held.series,
      held.count + (row?.count ?? 0),
      held.placeless + (row?.placeless ?? 0),
      rangesText(held.ranges),
      bytes,
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

/** By partition. */
export function rangesOf(text: string): OffsetRange[] {
  const rows = JSON.parse(text) as [number, number, number][]
  return rows.map(([partition, low, high]) => ({ partition, low, high }))
}
