/** What one rule says of one hop and window: what findings are added up from. */
import { aroundOf } from '../field-path.ts'
import type { DriftArg, DriftCode } from '../finding.ts'
import type { HopShape, WatchedHop } from '../judge.ts'
import type { Shape, Variant } from '../shape.ts'
import type { Named, Standing } from './standing.ts'

/** What a rule tells of one variant, or of one field in it. */
export interface Told {
  readonly code: DriftCode
  readonly path: string
  /** Messages concerned. */
  readonly count: number
  readonly ids: readonly string[]
  /** What was expected, what came: a set, as messages differ. Empty: not said. */
  readonly expected?: string
  readonly came?: readonly string[]
  readonly values?: readonly string[]
  readonly args?: Readonly<Record<string, DriftArg>>
  /** Of findings of one field that are told apart: which one. */
  readonly kind?: string
}

export interface Sighting extends Told {
  /** Its place in the list of hops. */
  readonly at: number
  readonly topic: string
  readonly subject: string
  readonly schema: string
  readonly window: number
  readonly end: number
  /** Null: not of one instance. */
  readonly writer: HopShape['writer']
  readonly edge: string | null
  readonly oneIn: number
  /** Who wrote them, where the hop itself does not know. */
  readonly by?: readonly Writing[]
}

/** Messages of one instance. */
export interface Writing {
  readonly writer: NonNullable<HopShape['writer']>
  readonly count: number
}

/** A variant at its place, with what the registry says of it. */
export interface Seen {
  readonly at: number
  readonly hop: WatchedHop
  readonly window: number
  readonly end: number
  readonly writer: HopShape['writer']
  readonly shape: Shape
  readonly variant: Variant
  readonly standing: Standing
  readonly named: Named
  /** The registry has said that its schema is there. */
  readonly isRegistered: boolean
}

export function sightingOf(seen: Seen, told: Told, edge: string | null = null): Sighting {
  const { at, hop, window, end, writer, shape, named } = seen
  return {
    ...told,
    ...{ at, topic: hop.topic, subject: named.subject, schema: named.schema },
    ...{ window, end, writer, edge, oneIn: shape.oneIn },
  }
}

/** Variants of one key are the same kind of message. */
export const variantKey = ({ claim, schema, type }: Variant): string =>
  `${claim}\u0000${schema}\u0000${type}`

/** Whether a path is another one, or within it. */
export const isWithin = (path: string, around: string): boolean =>
  path === around || path.startsWith(`${around}/`)

/** Of the field around it; null: the value as a whole. */
export function parentOf(path: string): string | null {
  return path === '' ? null : aroundOf(path)
}
