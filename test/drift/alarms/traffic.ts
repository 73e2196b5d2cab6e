/**
 * Traffic without drift: windows of messages whose fields vary as real ones do. Each kind moves the shares
 * of nulls and of presence, the lengths and the number of values of every field in its own way.
 */
import type { HopShape } from '../../../src/drift/judge.ts'
import { type Field, SKETCH_MAX } from '../../../src/drift/shape.ts'
import { at, field, variant } from '../judge/build.ts'
import { binomial, normal, pick, type Unit, unitOf } from './random.ts'

const FIELDS = 20

/** Off its usual level by how much, in window `t`: log-odds of a share, log of a length. */
type Course = (t: number) => number

/** Makes the course of one measure of one field. */
type Kind = (unit: Unit) => Course

const DAY = 1_440

export const kinds: Readonly<Record<string, Kind>> = {
  /** Every message by itself. */
  even: () => () => 0,
  /** What is so now is so for a while: from ten minutes to a day. */
  autocorrelated: (unit) => {
    const keep = pick(unit, [0.9, 0.99, 0.999])
    const sigma = 0.2 + 0.6 * unit()
    let level = sigma * normal(unit)
    return () => {
      level = keep * level + sigma * Math.sqrt(1 - keep ** 2) * normal(unit)
      return level
    }
  },
  /** By the hour: up to three times, and a third of, the usual odds. */
  daily: (unit) => {
    const [height, phase] = [1.1 * unit(), unit()]
    return (t) => height * Math.sin(2 * Math.PI * (t / DAY + phase))
  },
  /** A week from a twentieth of the odds to twenty times. */
  trend: (unit) => {
    const slope = (2 * unit() - 1) * 3
    return (t) => slope * (t / 5_000 - 1)
  },
  /** Single windows that are far off: Student's t of 2 degrees of freedom. */
  'heavy tails': (unit) => {
    const sigma = 0.5 * unit()
    return () => {
      const chi = (normal(unit) ** 2 + normal(unit) ** 2) / 2
      return Math.max(-8, Math.min(8, (sigma * normal(unit)) / Math.sqrt(chi)))
    }
  },
  /** One to eight windows of one source after the other, each of its own kind. */
  batches: (unit) => {
    const levels = [0, 1, 2].map(() => normal(unit))
    let left = 0
    let level = 0
    return () => {
      if (left-- <= 0) {
        left = Math.floor(8 * unit())
        level = pick(unit, levels)
      }
      return level
    }
  },
}

interface Source {
  readonly path: string
  readonly nulls: number
  readonly present: number
  readonly length: number
  readonly values: number
  readonly moves: { readonly [name in 'nulls' | 'present' | 'length' | 'values']: Course }
}

/** One hop, one window a minute. @param perWindow messages looked at, on average */
export function* traffic(
  kind: string,
  seed: number,
  windows: number,
  perWindow = 250,
): Generator<HopShape> {
  const unit = unitOf(seed)
  const make = kinds[kind] as Kind
  const sources = Array.from({ length: FIELDS }, (_, i): Source => {
    const moves = { nulls: make(unit), present: make(unit), length: make(unit), values: make(unit) }
    return {
      ...{ path: `/f${i}`, moves },
      nulls: pick(unit, [0, 0, 0.01, 0.05, 0.1, 0.3, 0.6]),
      present: pick(unit, [1, 1, 0.99, 0.9, 0.5, 0.2, 0.02]),
      length: pick(unit, [3, 8, 20, 100]),
      values: pick(unit, [2, 5, 15, 40, 300, 10_000, 1e9]),
    }
  })
  for (let t = 0; t < windows; t++) {
    const count = Math.max(1, Math.round(perWindow * (0.3 + 1.4 * unit())))
    const fields = sources.map((source) => fieldOf(source, t, count, unit))
    const root = field('', { of: count, present: count, objects: count, types: { object: count } })
    yield at('t', t, [variant({ count, fields: [root, ...fields] })])
  }
}

function fieldOf({ path, moves, ...usual }: Source, t: number, of: number, unit: Unit): Field {
  const present = binomial(unit, of, moved(usual.present, moves.present(t)))
  const nulls = binomial(unit, present, moved(usual.nulls, moves.nulls(t)))
  const scalars = present - nulls
  const mean = usual.length * Math.exp(moves.length(t) / 3)
  // The sum of texts that people write: log-normal lengths, of which many are nearly normal.
  const spread = 0.53 * mean
  const sum = Math.max(0, Math.round(scalars * mean + Math.sqrt(scalars) * spread * normal(unit)))
  const squares = Math.round(scalars * (mean ** 2 + spread ** 2))
  const pool = Math.max(1, Math.round(usual.values * Math.exp(moves.values(t) / 3)))
  return field(path, {
    ...{ of, present, nulls, types: { null: nulls, string: scalars } },
    length: scalars === 0 ? null : { count: scalars, min: 0, max: 1e4, sum, squares },
    distinct: lowestHashes(scalars, pool, unit),
  })
}

function moved(share: number, by: number): number {
  if (share === 0 || share === 1) return share
  const odds = (share / (1 - share)) * Math.exp(by)
  return odds / (1 + odds)
}

/** The lowest hashes of values drawn evenly from a pool. */
function lowestHashes(draws: number, pool: number, unit: Unit): number[] {
  const lowest: number[] = []
  for (let i = 0; i < draws; i++) {
    const value = Math.floor(unit() * pool)
    const mixed = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b)
    const hash = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0
    if (lowest.length === SKETCH_MAX && hash >= (lowest.at(-1) as number)) continue
    if (lowest.includes(hash)) continue
    lowest.push(hash)
    lowest.sort((a, b) => a - b)
    if (lowest.length > SKETCH_MAX) lowest.pop()
  }
  return lowest
}
