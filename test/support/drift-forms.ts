/** How flights are written and read in each form, and every way in which they are written wrongly. */
import {
  airport,
  type Codec,
  codecOf,
  enriched,
  type Format,
  flights,
  type Layout,
  type Row,
  schemaText,
} from './drift-schemas.ts'
import type { FakeSchema } from './fake-registry.ts'

/** What a producer does that was told nothing of the promise. */
export const writings = [
  /** A new version, with a field more. */
  'added',
  'renamed',
  /** Strings for numbers. */
  'retyped',
  /** Its schema belongs to another topic. */
  'foreign',
  /** The id of no schema. */
  'unregistered',
  /** Without the id of its schema. */
  'unframed',
  /** Without its last byte. */
  'cut',
  'empty',
] as const
export type Writing = (typeof writings)[number]

const UNREGISTERED_ID = 987_654

/**
 * What lies in a registry before a run, by subject; nothing for JSON.
 * @param name of the pipeline
 * @param second what the second version is
 */
export function subjectsOf(
  name: string,
  format: Format,
  second: Writing | null,
): Readonly<Record<string, readonly FakeSchema[]>> {
  if (format === 'json') return {}
  const schemaType = format === 'avro' ? 'AVRO' : 'PROTOBUF'
  const schema = (layout: Layout): FakeSchema => ({
    schema: schemaText(format, layout),
    schemaType,
  })
  return {
    [subjectOf(name, 'flights')]: versionsOf(second).map(schema),
    [subjectOf(name, 'enriched')]: [schema(enriched.promised), schema(enriched.dropped)],
    [subjectOf(name, 'airports')]: [schema(airport)],
  }
}

function versionsOf(second: Writing | null): readonly Layout[] {
  const isVersion = second === 'added' || second === 'renamed' || second === 'retyped'
  return isVersion ? [flights.promised, flights[second]] : [flights.promised]
}

/** Of flights, of what is made of them, and of what has nothing to do with them. */
type Topic = 'flights' | 'enriched' | 'airports'

export const subjectOf = (name: string, topic: Topic): string => `${name}.${topic}-value`

/** The id of a version. */
export type IdOf = (topic: Topic, version: number) => number

/** As a serializer would ask for them. */
export async function idsIn(
  url: string,
  name: string,
  subjects: Readonly<Record<string, readonly unknown[]>>,
): Promise<IdOf> {
  const ids = new Map<string, number>()
  for (const [subject, versions] of Object.entries(subjects))
    for (const version of versions.keys()) {
      const answer = await fetch(`${url}/subjects/${subject}/versions/${version + 1}`)
      const { id } = (await answer.json()) as { id: number }
      ids.set(`${subject} ${version + 1}`, id)
    }
  return (topic, version) => ids.get(`${subjectOf(name, topic)} ${version}`) ?? 0
}

export interface Form {
  /** Null: as it should be. */
  writeFlight(flight: Row, writing: Writing | null): Buffer
  /** Null: it cannot be read, as a careful service finds. */
  readFlight(value: Buffer): Row | null
  writeEnriched(row: Row, isDropped: boolean): Buffer
}

/**
 * @param second how flights of the second version are written; null: there is only one
 * @param idOf the id that the registry gave to a version of a subject; null: there is none
 */
export function formOf(format: Format, second: Writing | null, idOf: IdOf | null): Form {
  const frame = (topic: Topic, version: number): Buffer =>
    idOf === null ? Buffer.alloc(0) : frameOf(format, idOf(topic, version))
  const codecs = new Map<Layout, Codec>()
  const codec = (layout: Layout): Codec => {
    const known = codecs.get(layout) ?? codecOf(format, layout)
    codecs.set(layout, known)
    return known
  }
  const promised = (flight: Row): Buffer => codec(flights.promised).write(flight)
  return {
    writeFlight: (flight, writing) => {
      switch (writing) {
        case null:
          return Buffer.concat([frame('flights', 1), promised(flight)])
        case 'added':
        case 'renamed':
        case 'retyped': {
          const value = codec(flights[writing]).write(changed(flight, writing))
          return Buffer.concat([frame('flights', 2), value])
        }
        case 'foreign': {
          const value = codec(airport).write({ iata: flight.origin, runways: 2 })
          return Buffer.concat([frame('airports', 1), value])
        }
        case 'unregistered':
          return Buffer.concat([frameOf(format, UNREGISTERED_ID), promised(flight)])
        case 'unframed':
          return promised(flight)
        case 'cut':
          return Buffer.concat([frame('flights', 1), promised(flight).subarray(0, -1)])
        case 'empty':
          return Buffer.alloc(0)
      }
    },
    readFlight: (value) => {
      const versions = format === 'json' ? [flights.promised] : versionsOf(second)
      for (const [i, layout] of versions.entries()) {
        const head = frame('flights', i + 1)
        if (!value.subarray(0, head.length).equals(head)) continue
        try {
          return codec(layout).read(value.subarray(head.length))
        } catch {
          return null
        }
      }
      return null
    },
    writeEnriched: (row, isDropped) => {
      const layout = isDropped ? enriched.dropped : enriched.promised
      const { origin, ...rest } = row
      const value = codec(layout).write(isDropped ? rest : row)
      return Buffer.concat([frame('enriched', isDropped ? 2 : 1), value])
    },
  }
}

/** Confluent's frame; of Protobuf the first message of the file. */
function frameOf(format: Format, id: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return format === 'protobuf' ? Buffer.concat([head, Buffer.from([0])]) : head
}

function changed(flight: Row, writing: 'added' | 'renamed' | 'retyped'): Row {
  const { delay, ...rest } = flight
  if (writing === 'added') return { ...flight, carrier: 'XX' }
  // Of zeros proto3 writes nothing, under whatever name.
  if (writing === 'renamed') return { ...rest, delayMinutes: delay === 0 ? 1 : delay }
  return { ...flight, distance: String(flight.distance) }
}
