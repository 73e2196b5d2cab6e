/**
 * Adds the shapes of a batch to those in the store: shapes of one row are merged in memory first, so
 * that each stored one is read, merged and written once per batch.
 */
import { mergeShapes } from '../drift/merge.ts'
import type { Shape } from '../drift/shape.ts'
import { addShape, type ShapePlace } from './shape-rows.ts'
import type { Statements } from './statements.ts'

/** Shapes held in memory before they are written, and their bytes: read, they take ten times as many. */
const HELD_MAX = 500
const HELD_BYTES_MAX: number = 8 * 2 ** 20

interface Held {
  readonly place: ShapePlace
  shape: Shape
}

/** Told of sums that cannot be written: so many messages that were looked at are in no shape. */
type OnOverflow = (hop: number, looked: number) => void

export class ShapeFold {
  readonly #sql: Statements
  readonly #onOverflow: OnOverflow
  readonly #held = new Map<string, Held>()
  /** Of all that was merged: a sum is no larger than its parts. */
  #bytes = 0

  constructor(sql: Statements, onOverflow: OnOverflow) {
    this.#sql = sql
    this.#onOverflow = onOverflow
  }

  /** @param bytes as many as it was written in */
  add(place: ShapePlace, shape: Shape, bytes: number): void {
    this.#bytes += bytes
    if (this.#held.size >= HELD_MAX || this.#bytes > HELD_BYTES_MAX) this.write()
    const { window, spanMs, hop, instance } = place
    const key = `${window}/${spanMs}/${hop}/${instance}/${shape.declared}/${shape.oneIn}`
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.shape = mergeShapes(held.shape, shape)
      return
    }
    this.#held.set(key, { place, shape })
  }

  write(): void {
    for (const { place, shape } of this.#held.values())
      if (!addShape(this.#sql, place, shape)) this.#onOverflow(place.hop, shape.looked)
    this.#held.clear()
    this.#bytes = 0
  }
}
