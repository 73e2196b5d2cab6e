/** The rows of shapes: one of each window, hop, writer, schema held against, and rate; added to by merging. */
import { mergeShapes } from '../drift/merge.ts'
import type { Shape } from '../drift/shape.ts'
import { decodeShape, encodeShape } from '../drift/shape-codec.ts'
import { type HopKey, hopOfKey } from '../hop/hop.ts'
import { DamagedBytes } from './sqlite-errors.ts'
import type { Statements } from './statements.ts'
import type { StoredShape } from './store.ts'

/** `shapes.instance` of shapes that are of all instances. */
export const OF_ALL = 0

export interface ShapePlace {
  /** ms: start */
  readonly window: number
  readonly spanMs: number
  readonly hop: number
  readonly instance: number
}

/** False if the sums cannot be written: nothing of `shape` is taken then. */
export function addShape(sql: Statements, place: ShapePlace, shape: Shape): boolean {
  const { window, hop, instance } = place
  const key = [window, hop, instance, shape.declared, shape.oneIn] as const
  const row = sql.get<{ span_ms: number; shape: Buffer }>(
    'SELECT span_ms, shape FROM shapes ' +
      'WHERE window = ? AND hop = ? AND instance = ? AND declared = ? AND one_in = ?',
    ...key,
  )
  const sum = row === undefined ? shape : mergeShapes(storedShape(row.shape), shape)
  const bytes = bytesOf(sum)
  if (bytes === null) return false
  sql.run(
    'INSERT INTO shapes (window, hop, instance, declared, one_in, span_ms, shape) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT DO UPDATE SET span_ms = excluded.span_ms, shape = excluded.shape',
    ...key,
    // What is put together stays so; of agents that do not agree on the window the largest counts.
    Math.max(place.spanMs, row?.span_ms ?? 0),
    bytes,
  )
  return true
}

/** Honest agents never get there, and others must not stop the audit. */
function bytesOf(shape: Shape): Uint8Array | null {
  try {
    const bytes = encodeShape(shape)
    // What could not be read again is not written.
    decodeShape(bytes)
    return bytes
  } catch {
    return null
  }
}

/** @throws DamagedBytes: shapes are checked before they are stored */
export function storedShape(bytes: Buffer): Shape {
  try {
    return decodeShape(bytes)
  } catch (error) {
    throw new DamagedBytes('a shape', error)
  }
}

/** By window, then hop, then instance. */
export function readShapeRows(sql: Statements, since: number, until: number): StoredShape[] {
  return sql
    .all<ShapeRow>(
      'SELECT key, service, instances.instance AS name, client, host, window, span_ms, shape ' +
        'FROM shapes JOIN hops ON hops.id = shapes.hop ' +
        'LEFT JOIN instances ON instances.id = shapes.instance ' +
        'WHERE window >= ? AND window < ? ORDER BY window, key, name, declared, one_in',
      since,
      until,
    )
    .map(({ key, service, name, client, host, window, span_ms, shape }) => ({
      key,
      hop: hopOfKey(key),
      writer: name === null ? null : { service, instance: name, client, host },
      window,
      spanMs: span_ms,
      shape: storedShape(shape),
    }))
}

interface ShapeRow {
  readonly key: HopKey
  readonly service: string
  /** Null: of all instances. */
  readonly name: string | null
  readonly client: string
  readonly host: string
  readonly window: number
  readonly span_ms: number
  readonly shape: Buffer
}
