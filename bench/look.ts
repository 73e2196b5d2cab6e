/** What it costs to look into a message, and what that adds where one in 64 is looked into. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import type { Declared } from '../src/drift/declared/declared.ts'
import { loadDeclared } from '../src/drift/declared/load.ts'
import { FieldBudget } from '../src/drift/field-budget.ts'
import { readFrame } from '../src/drift/framing/read-frame.ts'
import { lookers } from '../src/drift/lookers.ts'
import { ShapeBuilder } from '../src/drift/open-shape.ts'
import { avroReader } from '../src/drift/read/avro.ts'
import { jsonReader } from '../src/drift/read/json.ts'
import type { Reader } from '../src/drift/read/reader.ts'
import { LOOK_ONE_IN } from '../src/drift/shape.ts'
import type { ShapeDelta } from '../src/hop/frame.ts'
import { topicHop } from '../src/hop/hop.ts'
import { HopLooks } from '../src/hop/hop-looks.ts'
import type { IdWords } from '../src/message/id.ts'
import type { BenchResult } from './types.ts'

export const name = 'look'

const MESSAGES = 20_000
const ROUNDS = 9
const WINDOW = 1_000

export const about: string =
  'processor time of looking into a message, and what one in 64 adds to each\n' +
  `${MESSAGES.toLocaleString('en-US')} flights of about 200 B and 10 fields, two of them nested, as JSON and as Avro behind a ` +
  `Confluent frame: framing, reading, checking, adding to a shape that is handed over as bytes after ${WINDOW} ` +
  'messages. Beside it a bare JSON.parse of the same bytes, and avsc decoding the same. Median of ' +
  `${ROUNDS} rounds in which all take turns. Leaves out: fetching, kafkajs, making the id, asking a registry.`

const schema = {
  type: 'object',
  required: ['flight', 'origin', 'destination', 'delay'],
  properties: {
    flight: { type: 'string', pattern: '^[A-Z]{2}[0-9]+$' },
    origin: { type: 'string', minLength: 3, maxLength: 3 },
    destination: { type: 'string', minLength: 3, maxLength: 3 },
    scheduled: { type: 'string', format: 'date-time' },
    delay: { type: 'integer' },
    distance: { type: 'number', minimum: 0 },
    cancelled: { type: 'boolean' },
    aircraft: {
      type: 'object',
      properties: { type: { type: 'string' }, seats: { type: 'integer' } },
    },
  },
}

const avro = JSON.stringify({
  type: 'record',
  name: 'Flight',
  fields: [
    { name: 'flight', type: 'string' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
    { name: 'scheduled', type: 'string' },
    { name: 'delay', type: 'int' },
    { name: 'distance', type: 'double' },
    { name: 'cancelled', type: 'boolean' },
    {
      name: 'aircraft',
      type: {
        type: 'record',
        name: 'Aircraft',
        fields: [
          { name: 'type', type: 'string' },
          { name: 'seats', type: 'int' },
        ],
      },
    },
  ],
})

function flight(i: number): object {
  return {
    flight: `QP${1_000 + (i % 700)}`,
    origin: ['ABQ', 'SEA', 'JFK', 'ORD'][i % 4],
    destination: ['LAX', 'DEN', 'ATL'][i % 3],
    scheduled: new Date(1_700_000_000_000 + 60_000 * i).toISOString(),
    delay: (i * 7_919) % 120,
    distance: 100.5 + (i % 2_000),
    cancelled: i % 50 === 0,
    aircraft: { type: 'A320', seats: 150 + (i % 30) },
  }
}

interface Contender {
  readonly what: string
  /** Of all messages; returns something, so that nothing is optimised away. */
  run(): number
}

export async function run(): Promise<BenchResult> {
  const flights = Array.from({ length: MESSAGES }, (_, i) => flight(i))
  const json = flights.map((one) => Buffer.from(JSON.stringify(one)))
  const type = avsc.Type.forSchema(JSON.parse(avro))
  const bare = flights.map((one) => type.toBuffer(one))
  const framed = bare.map((bytes) => Buffer.concat([Buffer.of(0, 0, 0, 0, 7), bytes]))
  const ids = flights.map((_, i) => (i * 0x9e37_79b1).toString(16).padStart(32, '0'))
  const words = flights.map((_, i): IdWords => [0x018bcfe5, i << 8, 0x80000000 + i, i << 10])
  const declared = inFile(schema, (file) => loadDeclared({ file, message: null, format: 'json' }))
  const agent = inFile(schema, hopLooks)

  const contenders: Contender[] = [
    {
      what: 'JSON.parse alone',
      run: () =>
        json.reduce((sum, bytes) => sum + Object.keys(JSON.parse(String(bytes))).length, 0),
    },
    { what: 'JSON: framing and reading', run: () => readAll(json, null, jsonReader()) },
    { what: 'JSON: looked into', run: () => look(json, null, jsonReader(), null, ids) },
    {
      what: 'JSON: looked into, against a JSON Schema',
      run: () => look(json, null, jsonReader(), declared, ids),
    },
    {
      what: 'avsc alone',
      run: () => bare.reduce((sum, bytes) => sum + Object.keys(type.fromBuffer(bytes)).length, 0),
    },
    {
      what: 'Avro: looked into',
      run: () => look(framed, 'confluent', avroReader(avro, new Map()), null, ids),
    },
    {
      what: 'JSON: looked into as agents do, against a JSON Schema',
      run: () => lookAsAgents(json, agent, words),
    },
    { what: 'choosing one in 64, as agents do', run: () => choose(agent, words) },
  ]
  const times = contenders.map((): number[] => [])
  for (let round = -2; round < ROUNDS; round++) {
    for (const [i, { run }] of contenders.entries()) {
      const begun = process.cpuUsage()
      if (run() < 0) throw new Error('unreachable')
      const { user, system } = process.cpuUsage(begun)
      if (round >= 0) times[i]?.push((user + system) / MESSAGES)
    }
  }
  const median = (list: readonly number[]): number =>
    [...list].sort((a, b) => a - b)[list.length >> 1] as number
  return {
    rows: contenders.map(({ what }, i) => {
      const us = median(times[i] as number[])
      const isLooking = what.includes('looked into')
      return {
        what,
        'µs for each': rounded(us),
        ...(isLooking ? { 'µs added at 1/64': rounded(us / LOOK_ONE_IN) } : {}),
      }
    }),
    notes: [
      `${Math.round(json.reduce((sum, { length }) => sum + length, 0) / MESSAGES)} B of JSON, ` +
        `${Math.round(framed.reduce((sum, { length }) => sum + length, 0) / MESSAGES)} B of Avro a message; ` +
        'choosing is paid for every message where not all are looked into.',
    ],
  }
}

function rounded(us: number): number {
  return Number(us.toPrecision(3))
}

/** What is made of a file, which is read at once. */
function inFile<Made>(document: object, make: (file: string) => Made): Made {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-bench-'))
  try {
    const file = join(folder, 'flights.schema.json')
    writeFileSync(file, JSON.stringify(document))
    return make(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hopLooks(file: string): HopLooks {
  const onTrouble = (text: string): never => {
    throw new Error(text)
  }
  const nothing = { message: null, subject: null, versions: null, registry: null, values: false }
  const plan = { oneIn: LOOK_ONE_IN, framing: null, format: null, file, ...nothing }
  const looker = lookers({ env: {}, onTrouble, clock: Date.now })(plan)
  return new HopLooks(topicHop('bench', 'flights'), looker, {
    ...{ windowMs: 60_000, seed: 1, mayOpen: () => true },
    ...{ count: (_, name) => onTrouble(name), onTrouble },
  })
}

type Expected = Parameters<typeof readFrame>[2]

function readAll(values: readonly Buffer[], expected: Expected, reader: Reader): number {
  let read = 0
  for (const value of values) {
    const { payload } = readFrame(value, undefined, expected)
    if (reader.read(payload).kind === 'value') read++
  }
  return read
}

function look(
  values: readonly Buffer[],
  expected: Expected,
  reader: Reader,
  declared: Declared | null,
  ids: readonly string[],
): number {
  const open = new ShapeBuilder({
    oneIn: LOOK_ONE_IN,
    declared: declared?.fingerprint ?? '',
    fields: declared?.fields ?? null,
    values: false,
    budget: new FieldBudget(),
  })
  let bytes = 0
  for (const [i, value] of values.entries()) {
    const { claim, schema, payload } = readFrame(value, undefined, expected)
    const reading = reader.read(payload)
    if (reading.kind !== 'value') throw new Error(`message ${i} cannot be read`)
    const found = declared?.check(reading.value) ?? []
    open.value(ids[i] as string, { claim, schema, type: '' }, reading.value, found)
    if ((i + 1) % WINDOW === 0) bytes += open.toBytes().length
  }
  return bytes
}

function lookAsAgents(
  values: readonly Buffer[],
  looks: HopLooks,
  words: readonly IdWords[],
): number {
  const shapes: ShapeDelta[] = []
  for (const [i, value] of values.entries()) {
    looks.see(words[i] as IdWords, { value })
    if ((i + 1) % WINDOW === 0) looks.take(shapes)
  }
  return shapes.length
}

function choose(looks: HopLooks, words: readonly IdWords[]): number {
  return words.filter((one) => looks.chooses(one)).length
}
