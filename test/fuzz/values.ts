/** Values of messages: their framing, and the readers of each format. None of it throws. */
import { deflateSync } from 'node:zlib'
import avsc from 'avsc'
import protobuf from 'protobufjs'
import type { Framed } from '../../src/drift/framing/framed.ts'
import { messageIndexes } from '../../src/drift/framing/message-indexes.ts'
import { readFrame } from '../../src/drift/framing/read-frame.ts'
import { avroReader } from '../../src/drift/read/avro.ts'
import { jsonReader } from '../../src/drift/read/json.ts'
import { protobufReader } from '../../src/drift/read/protobuf.ts'
import {
  DEPTH_MAX,
  NODES_MAX,
  type Reader,
  VALUE_BYTES_MAX,
  type Value,
} from '../../src/drift/read/reader.ts'
import { framings } from '../../src/drift/shape.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

const never = (): boolean => false
/** What is built piece by piece is not counted: each piece takes a byte, or one of `NODES_MAX`. */
const bytesMax = (length: number): number => 2 ** 21 + 16 * length

interface Stop {
  readonly code: string
  readonly at: number | null
  readonly next: Stop | null
  readonly tags: Readonly<Record<string, number>>
  readonly list: readonly number[]
}

function stopOf(random: Random, depth = 0): Stop {
  return {
    code: random.pick(['', 'FRA', '\u00e9\u{1f6eb}', '__proto__', 'a'.repeat(random.size(200))]),
    at: random.oneIn(3) ? null : random.from(-(2 ** 40), 2 ** 40),
    next: depth < 8 && random.oneIn(2) ? stopOf(random, depth + 1) : null,
    tags: Object.fromEntries(random.list(random.size(4), (i) => [`k${i}`, random.from(0, 9)])),
    list: random.list(random.size(30), () => random.from(0, 300)),
  }
}

const avroSchema = {
  type: 'record',
  name: 'Stop',
  fields: [
    { name: 'code', type: 'string' },
    { name: 'at', type: ['null', 'long'] },
    { name: 'next', type: ['null', 'Stop'] },
    { name: 'tags', type: { type: 'map', values: 'int' } },
    { name: 'list', type: { type: 'array', items: 'int' } },
    { name: 'nothing', type: { type: 'array', items: 'null' } },
  ],
}
const avroLibrary = avsc.Type.forSchema(avroSchema as avsc.Schema, { wrapUnions: 'never' })
const nothingIn = (stop: Stop): object => ({
  ...{ ...stop, nothing: [null] },
  next: stop.next === null ? null : nothingIn(stop.next),
})

const protoText = `syntax = "proto3"; message Stop { string code = 1; optional sint64 at = 2;
  Stop next = 3; map<string, int32> tags = 4; repeated int32 list = 5; double ratio = 6; }`
const protoLibrary = protobuf.parse(protoText, new protobuf.Root(), { keepCase: true })
const Stop = protoLibrary.root.lookupType('Stop')

const json: Target<Value> = targetOf('json', jsonReader(), (random) =>
  Buffer.from(JSON.stringify(stopOf(random))),
)
const avro: Target<Value> = targetOf(
  'avro',
  avroReader(JSON.stringify(avroSchema), new Map()),
  (random) => avroLibrary.toBuffer(nothingIn(stopOf(random))),
)
const proto: Target<Value> = targetOf(
  'protobuf',
  protobufReader({ text: protoText, imports: new Map() }, null),
  (random) => Stop.encode(Stop.fromObject(withoutNulls(stopOf(random)))).finish(),
)

function withoutNulls(stop: Stop): object {
  const { at, next, ...rest } = stop
  return {
    ...rest,
    ...(at === null ? {} : { at }),
    ...(next === null ? {} : { next: withoutNulls(next) }),
  }
}

function targetOf(
  name: string,
  reader: Reader,
  valid: (random: Random) => Uint8Array,
): Target<Value> {
  return {
    ...{ name, weight: 40, valid, refuses: never, bytesMax },
    tokens: ['[['.repeat(2000), '{"a":'.repeat(500), '"\\ud800"', '1e999', '__proto__', '\ufeff'],
    decode: (bytes) => {
      const reading = reader.read(bytes)
      if (bytes.length > VALUE_BYTES_MAX) must(reading.kind === 'too_large', 'reads too many bytes')
      if (reading.kind === 'undecodable') must(reading.reason.length > 0, 'says not why')
      // Wrapped, since a value may be null.
      return reading.kind === 'value' ? ([reading.value] as unknown as Value) : null
    },
    examine: (wrapped) => {
      must(nodesOf((wrapped as readonly Value[])[0] as Value, 0) <= NODES_MAX, 'too many values')
    },
  }
}

/** Counts, and must find nothing but what a value may be made of. */
function nodesOf(value: Value, depth: number): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1
  must(depth < DEPTH_MAX, 'too many levels')
  const isRecord = !Array.isArray(value) && !(value instanceof Map)
  if (isRecord) must(Object.getPrototypeOf(value) === null, 'a record has a prototype')
  const parts: Iterable<Value> =
    value instanceof Map ? value.values() : (Object.values(value) as readonly Value[])
  let nodes = 1
  for (const part of parts) nodes += nodesOf(part, depth + 1)
  return nodes
}

const GUID = Buffer.alloc(16, 0xab)
const frame: Target<readonly Framed[]> = {
  ...{ name: 'framing', weight: 40, refuses: never, bytesMax },
  valid: (random) => {
    const body = random.bytes(random.size(300))
    const head = random.pick([
      Buffer.from([0, 0, 0, 0, 7]),
      Buffer.from([0, 0, 0, 0, 7, 4, 2, 0]),
      Buffer.from([1, ...GUID]),
      Buffer.from([3, 0, ...GUID]),
      Buffer.from([0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8]),
    ])
    if (!random.oneIn(8)) return Buffer.concat([head, body])
    const bomb = deflateSync(Buffer.alloc(random.size(2 ** 20), 0x20))
    return Buffer.concat([Buffer.from([3, 5, ...GUID]), bomb])
  },
  decode: (bytes) => {
    const all = [null, ...framings].map((expected) => readFrame(bytes, undefined, expected))
    return all.some(({ claim }) => claim !== 'unframed' && claim !== 'empty') ? all : null
  },
  examine: (all, bytes) => {
    for (const { claim, payload } of all) {
      must(payload.length <= Math.max(bytes.length, VALUE_BYTES_MAX + 1), 'inflates too much')
      const isEnd = Buffer.from(bytes.subarray(bytes.length - payload.length)).equals(payload)
      must(claim === 'glue' || isEnd, 'a payload is not the end of its value')
      const indexes = messageIndexes(payload)
      must(indexes === null || /^\d+(\/\d+)*$/.test(indexes.indexes), 'indexes are no path')
    }
  },
}

export const values: readonly Target[] = [
  frame,
  json,
  avro,
  proto,
] as readonly unknown[] as readonly Target[]
