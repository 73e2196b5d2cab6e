/**
 * The same from records of the log itself: partition, schema and key, which the books do not keep; and
 * who minted them, where the books do not tell. Pure: somebody else has read the records.
 */
import { createHash } from 'node:crypto'
import { formatCount } from '../base/words.ts'
import { readFrame } from '../drift/framing/read-frame.ts'
import type { Framing } from '../drift/shape.ts'
import type { Minter } from '../hop/mishap.ts'
import { KEY_BUCKETS, type Spread } from './concentration.ts'
import { type BadMessages, minterDimensions, minterValue, Table, tagOf } from './spread.ts'

/** One record as far as it counts here: what it says is not kept. */
export interface SampledRecord {
  /** 32 hex digits, of ordinal 0. */
  readonly id: string
  readonly partition: number
  /** Empty: not known, or it names none. */
  readonly schema: string
  readonly bucket: string
}

export interface Sample {
  readonly topic: string
  readonly records: readonly SampledRecord[]
  /** All of the windows' records are among them. */
  readonly isWhole: boolean
}

/** Of a record of the log, what is looked at. */
interface Readable {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: unknown
}

/** @param framing null: nobody said how its messages name their schema */
export function sampledOf(
  id: string,
  { partition, key, value, headers }: Readable,
  framing: Framing | null,
): SampledRecord {
  const framed = value === null || framing === null ? null : readFrame(value, headers, framing)
  const isNamed = framed !== null && framed.schema !== ''
  const schema = isNamed ? `${framed.claim} ${framed.schema}` : ''
  return { id, partition, schema, bucket: bucketOf(key) }
}

/** Keys that are alike fall together, and no key can be told from its bucket. */
function bucketOf(key: Buffer | null): string {
  if (key === null) return 'no key'
  const hash = createHash('sha256').update(key).digest().readUInt32BE(0)
  return `bucket ${hash % KEY_BUCKETS} of ${KEY_BUCKETS}`
}

/** @param minters by tag; left out: who minted them is known from the books */
export function spreadsOfSample(
  { topic, records, isWhole }: Sample,
  bad: BadMessages,
  minters: ReadonlyMap<number, Minter> | null,
): Spread[] {
  // A copy in the log is the same message: it counts once, where it came first.
  const first = new Map<string, SampledRecord>()
  for (const record of records) if (!first.has(record.id)) first.set(record.id, record)
  const n = formatCount(first.size)
  const counted = `${isWhole ? `all ${n}` : `${n} of the`} messages of ${topic}`
  const looks: readonly (readonly [Spread['dimension'], (record: SampledRecord) => string])[] = [
    ['partition', ({ partition }) => String(partition)],
    ['schema', ({ schema }) => schema],
    ['key_bucket', ({ bucket }) => bucket],
    ...(minters === null ? [] : minterDimensions).map(
      (dimension) =>
        [
          dimension,
          ({ id }: SampledRecord) => minterValue(minters?.get(tagOf(id) ?? -1), dimension),
        ] as const,
    ),
  ]
  return looks.flatMap(([dimension, look]) => {
    const table = new Table()
    let known = 0
    for (const record of first.values()) {
      const value = look(record)
      if (value === '') continue
      const isBad = bad.ids.has(record.id)
      if (isBad) known++
      table.add(value, isBad ? 1 : 0, 1)
    }
    return table.spreads(dimension, bad.unnamed + bad.ids.size - known, counted)
  })
}
