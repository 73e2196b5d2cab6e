/** Shapes by hand: records are looked at as the agents do, with a word for whatever is odd in them. */
import type { DriftFinding } from '../../../src/drift/finding.ts'
import {
  type DriftInput,
  type HopShape,
  judgeDrift,
  type WatchedHop,
} from '../../../src/drift/judge.ts'
import { NO_FACTS, type RegistryFacts } from '../../../src/drift/registry-facts.ts'
import {
  type Field,
  type JsonType,
  type Oddity,
  SHAPE_IDS_MAX,
  type Shape,
  type ShapePlan,
  SKETCH_MAX,
  type Spread,
  type UnreadReason,
  type Variant,
} from '../../../src/drift/shape.ts'

export const MINUTE = 60_000
export const START: number = Date.UTC(2026, 10, 2)

export const plan: ShapePlan = {
  ...{ oneIn: 1, framing: null, format: null, file: null, message: null },
  ...{ subject: null, versions: null, registry: null, values: false },
}

/** A plan with a promised subject. */
export const promised: ShapePlan = { ...plan, framing: 'confluent', subject: 'flights-value' }

export const odd = (kind: Oddity['kind'], path: string, parts: Partial<Oddity> = {}): Oddity => ({
  ...{ kind, path, expected: '', came: '', count: 1, ids: [], values: [] },
  ...parts,
})

export const field = (path: string, parts: Partial<Field> = {}): Field => ({
  ...{ path, declared: true, of: 10, present: 10, nulls: 0, objects: 0, lists: 0 },
  ...{
    types: { string: 10 },
    length: null,
    number: null,
    distinct: [],
    symbols: [],
    moreSymbols: 0,
    ids: [],
  },
  ...parts,
})

export const variant = (parts: Partial<Variant> = {}): Variant => ({
  ...{ claim: 'none', schema: '', type: '', count: 10, invalid: 0, unread: {}, ids: [] },
  ...{ oddities: [], moreOddities: 0, fields: [], moreFields: 0 },
  ...parts,
})

/** Messages of a registered schema. */
export const of = (id: number, count = 10, parts: Partial<Variant> = {}): Variant =>
  variant({ claim: 'confluent', schema: String(id), count, ...parts })

export const unread = (reason: UnreadReason, count: number): Variant['unread'] => ({
  [reason]: count,
})

function shapeOf(...variants: readonly Variant[]): Shape {
  return {
    ...{ oneIn: 1, declared: '', tombstones: 0, variants },
    looked: variants.reduce((sum, { count }) => sum + count, 0),
  }
}

const writer = (name: string): NonNullable<HopShape['writer']> => ({
  ...{ service: name, instance: name.padStart(32, '0') },
  ...{ client: `${name}/1.0.0`, host: 'here' },
})

/** @param minute windows are of a minute */
export function at(
  hop: string,
  minute: number,
  variants: readonly Variant[],
  by: string | null = null,
): HopShape {
  return {
    ...{ hop, writer: by === null ? null : writer(by), window: START + minute * MINUTE },
    ...{ spanMs: MINUTE, shape: shapeOf(...variants) },
  }
}

export const hop = (name: string, parts: Partial<WatchedHop> = {}): WatchedHop => ({
  ...{ hop: name, role: 'topic', topic: name, plan },
  ...parts,
})

/** A producer, its topic and a consumer. */
export const line = (its: ShapePlan = plan): WatchedHop[] => [
  hop('checkin', { role: 'producer', topic: 'flights', plan: its }),
  hop('flights', { role: 'topic', topic: 'flights', plan: its }),
  hop('enrich', { role: 'consumer', topic: 'flights', plan: its }),
]

export const inputOf = (
  hops: readonly WatchedHop[],
  shapes: readonly HopShape[],
  parts: Partial<DriftInput> = {},
): DriftInput => ({
  ...{ pipeline: 'p', hops, edges: [], shapes, registry: NO_FACTS, since: 0 },
  now: START + 100_000 * MINUTE,
  ...parts,
})

export const findingsOf = (input: DriftInput): readonly DriftFinding[] => judgeDrift(input).findings

/** `code hop path|schema count/of`, the way tables name findings. */
export const brief = ({ code, hop, path, schema, count, of }: DriftFinding): string =>
  [code, hop, ...(path === '' ? [] : [path]), ...(schema === '' ? [] : [`(${schema})`])]
    .concat(`${count}/${of}`)
    .join(' ')

/** A registry that knows ids as versions of one subject. */
export function facts(
  versions: Readonly<Record<number, number>>,
  parts: Partial<RegistryFacts> = {},
): RegistryFacts {
  const subject = 'flights-value'
  const ids = Object.entries(versions).map(([id, version]) => ({ id, version }))
  return {
    at: START,
    subjects: { [subject]: { state: 'registered', versions: ids } },
    ...parts,
    schemas: {
      ...Object.fromEntries(
        ids.map(({ id, version }) => [
          id,
          { state: 'registered' as const, places: [{ subject, version }], fields: [] },
        ]),
      ),
      ...parts.schemas,
    },
  }
}

/** What is in messages: flat records of scalars. `undefined`: it is not there. */
export type Flat = Readonly<Record<string, string | number | boolean | null | undefined>>

/** The shape of records, each with its id. */
export function profile(records: readonly Flat[], ids: readonly string[] = []): Variant {
  const fields = new Map<string, Open>()
  records.forEach((record, i) => {
    for (const [name, value] of Object.entries(record)) {
      if (value === undefined) continue
      const open = fields.get(name) ?? newOpen()
      fields.set(name, open)
      open.present++
      const id = ids[i]
      if (id !== undefined) open.ids.push(id)
      see(open, value)
    }
  })
  const root = field('', { of: records.length, present: records.length, objects: records.length })
  return variant({
    count: records.length,
    ids: [...ids].sort().slice(0, SHAPE_IDS_MAX),
    fields: [
      { ...root, types: { object: records.length } },
      ...[...fields].sort().map(([name, open]) =>
        field(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, {
          ...{ of: records.length, present: open.present, nulls: open.nulls, types: open.types },
          ...{ length: open.length, number: open.number },
          distinct: [...open.hashes].sort((a, b) => a - b).slice(0, SKETCH_MAX),
          ids: open.ids.sort().slice(0, SHAPE_IDS_MAX),
        }),
      ),
    ],
  })
}

interface Open {
  present: number
  nulls: number
  types: Partial<Record<JsonType, number>>
  length: Spread | null
  number: Spread | null
  readonly hashes: Set<number>
  readonly ids: string[]
}

const newOpen = (): Open => ({
  ...{ present: 0, nulls: 0, types: {}, length: null, number: null },
  ...{ hashes: new Set<number>(), ids: [] },
})

function see(open: Open, value: string | number | boolean | null): void {
  const type = typeOf(value)
  open.types[type] = (open.types[type] ?? 0) + 1
  if (value === null) {
    open.nulls++
    return
  }
  open.hashes.add(hash(`${type} ${value}`))
  if (typeof value === 'string') open.length = spread(open.length, value.length)
  if (typeof value === 'number') open.number = spread(open.number, value)
}

function typeOf(value: string | number | boolean | null): JsonType {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'string' ? 'string' : 'boolean'
}

function spread(sum: Spread | null, n: number): Spread {
  if (sum === null) return { count: 1, min: n, max: n, sum: n, squares: n * n }
  return {
    ...{ count: sum.count + 1, min: Math.min(sum.min, n), max: Math.max(sum.max, n) },
    ...{ sum: sum.sum + n, squares: sum.squares + n * n },
  }
}

/** 32 bits that differ all over where texts differ a little. */
function hash(text: string): number {
  let h = 2_166_136_261
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16_777_619)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
