/** What flights look like: schemas of three formats, made of one list of fields. */
import avsc from 'avsc'
import protobuf from 'protobufjs'

export const formats = ['json', 'avro', 'protobuf'] as const
export type Format = (typeof formats)[number]

/** Whole numbers of 64 and 32 bits, texts, yes or no: what all of them have. */
type Kind = 'long' | 'int' | 'string' | 'boolean'
type Kinds = Readonly<Record<string, Kind>>

/** A record, or message. */
export interface Layout {
  readonly name: string
  readonly required: Kinds
  readonly optional?: Kinds
}

const place: Kinds = { origin: 'string', destination: 'string' }
const flight: Kinds = { date: 'long', delay: 'int', distance: 'int', ...place }

/** What is promised of flights, and what somebody writes who was told nothing. */
export const flights: Readonly<Record<'promised' | 'added' | 'renamed' | 'retyped', Layout>> = {
  promised: { name: 'Flight', required: flight },
  added: { name: 'Flight', required: { ...flight, carrier: 'string' } },
  renamed: {
    name: 'Flight',
    required: { date: 'long', delayMinutes: 'int', distance: 'int', ...place },
  },
  retyped: { name: 'Flight', required: { ...flight, distance: 'string' } },
}

const passedOn: Kinds = { date: 'long', distance: 'int', destination: 'string', late: 'boolean' }

/** What is made of them. */
export const enriched: Readonly<Record<'promised' | 'dropped', Layout>> = {
  promised: {
    name: 'Enriched',
    required: passedOn,
    optional: { delay: 'int', origin: 'string' },
  },
  dropped: { name: 'Enriched', required: passedOn, optional: { delay: 'int' } },
}

/** What belongs into another topic. */
export const airport: Layout = { name: 'Airport', required: { iata: 'string', runways: 'int' } }

/** Numbers of Protobuf fields; one that is renamed keeps its own. */
const numbers: Readonly<Record<string, number>> = {
  ...{ date: 1, delay: 2, delayMinutes: 2, distance: 3, origin: 4, destination: 5 },
  ...{ carrier: 6, late: 7, iata: 1, runways: 2 },
}

export const extension: Readonly<Record<Format, string>> = {
  ...{ json: '.schema.json', avro: '.avsc', protobuf: '.proto' },
}

export function schemaText(format: Format, layout: Layout): string {
  const text = { json: jsonSchema, avro: avroSchema, protobuf: protoFile }[format](layout)
  return typeof text === 'string' ? text : JSON.stringify(text)
}

function jsonSchema({ required, optional = {} }: Layout): object {
  const types = { long: 'integer', int: 'integer', string: 'string', boolean: 'boolean' }
  const fields = Object.entries({ ...required, ...optional })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: Object.keys(required),
    properties: Object.fromEntries(fields.map(([name, kind]) => [name, { type: types[kind] }])),
  }
}

function avroSchema({ name, required, optional = {} }: Layout): avsc.schema.RecordType {
  const fields = [
    ...Object.entries(required).map(([field, type]) => ({ name: field, type })),
    ...Object.entries(optional).map(([field, kind]) => {
      const type: avsc.Schema = ['null', kind]
      return { name: field, type, default: null }
    }),
  ]
  return { type: 'record', name, fields }
}

function protoFile({ name, required, optional = {} }: Layout): string {
  const types = { long: 'int64', int: 'int32', string: 'string', boolean: 'bool' }
  const line = ([field, kind]: [string, Kind]): string =>
    `${types[kind]} ${field} = ${numbers[field]};`
  const lines = [
    ...Object.entries(required).map(line),
    ...Object.entries(optional).map((entry) => `optional ${line(entry)}`),
  ]
  return `syntax = "proto3";\nmessage ${name} {\n  ${lines.join('\n  ')}\n}\n`
}

export type Row = Readonly<Record<string, unknown>>

export interface Codec {
  write(row: Row): Buffer
  read(bytes: Buffer): Row
}

/** What a library makes of the schema, apart from the system under test. */
export function codecOf(format: Format, layout: Layout): Codec {
  if (format === 'json') {
    return {
      write: (row) => Buffer.from(JSON.stringify(row)),
      read: (bytes) => JSON.parse(String(bytes)) as Row,
    }
  }
  if (format === 'avro') {
    const type = avsc.Type.forSchema(avroSchema(layout))
    return {
      write: (row) => type.toBuffer(withNulls(row, layout)),
      read: (bytes) => type.fromBuffer(bytes) as Row,
    }
  }
  const root = protobuf.parse(protoFile(layout), { keepCase: true }).root
  const type = root.lookupType(layout.name)
  return {
    write: (row) => Buffer.from(type.encode(type.fromObject({ ...row })).finish()),
    read: (bytes) => type.toObject(type.decode(bytes), { longs: Number }) as Row,
  }
}

const withNulls = (row: Row, { optional = {} }: Layout): Row => ({
  ...Object.fromEntries(Object.keys(optional).map((name) => [name, null])),
  ...row,
})
