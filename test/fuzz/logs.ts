/** Answers to Fetch: what a broker may send, and what producers may have put into it. */
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { decodeFetch, type Fetched, sliceOf } from '../../src/transport/kafka-fetch.ts'
import { type LogSlice, type Sieve, SLICE_RECORDS_MAX } from '../../src/transport/log.ts'
import { isFormatError } from './frames.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

const ASKED = { topic: 'flights', partition: 1, from: 3, to: 1_000 }

export const logs: Target<LogSlice | null> = {
  name: 'log',
  weight: 50,
  valid: (random) => answer(random, batches(random, false)),
  odd: (random) => answer(random, batches(random, true)),
  decode: (bytes) => {
    const fetched = decodeFetch(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return sliceOf(fetched, ASKED)
  },
  refuses: isFormatError,
  // Gzip gives a thousand bytes for one, and a record of eight bytes becomes an object.
  bytesMax: (length) => 2 ** 20 + 1_200 * length,
  examine: (slice) => {
    if (slice === null) return
    const { records, next } = slice
    must(next >= ASKED.from && next <= ASKED.to, `to be read on at ${next}`)
    must(records.length <= SLICE_RECORDS_MAX, `${records.length} records`)
    must(records.length === 0 || next > ASKED.from, 'records, and read on where it began')
    for (const { offset, partition, leaderEpoch, headers } of records) {
      must(partition === ASKED.partition, `partition ${partition}`)
      must(offset >= ASKED.from && offset < ASKED.to, `offset ${offset}`)
      must(Number.isSafeInteger(leaderEpoch), `epoch ${leaderEpoch}`)
      must(Object.getPrototypeOf(headers) === null, 'headers with a prototype')
    }
  },
}

/** Keeps what has an `h`, or a key, of even length. */
const isEven: Sieve['keeps'] = (_bytes, _at, length) => length % 2 === 0
const EVEN: Sieve = { header: Buffer.from('h'), keeps: isEven }
const EVEN_KEY: Sieve = { header: null, keeps: isEven }

const sieveFor = ({ records }: Fetched): Sieve => (records.length % 2 === 0 ? EVEN : EVEN_KEY)

interface Sifted {
  readonly fetched: Fetched
  /** Or why it is refused. */
  readonly sifted: LogSlice | string
}

/** What a sieve leaves out must be refused, counted and gone over as if it were decoded. */
export const siftedLogs: Target<Sifted> = {
  ...logs,
  name: 'sifted-log',
  decode: (bytes) => {
    const fetched = decodeFetch(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return { fetched, sifted: sliceOrWhy(fetched, sieveFor(fetched)) }
  },
  examine: ({ fetched, sifted }) => {
    const whole = sliceOrWhy(fetched)
    if (typeof whole === 'string' || typeof sifted === 'string') {
      must(whole === sifted, `${JSON.stringify(sifted)}, not ${JSON.stringify(whole)}`)
      return
    }
    const isKey = sieveFor(fetched) === EVEN_KEY
    const kept = whole.records.filter(({ key, headers }) =>
      (isKey ? [key] : [headers.h].flat()).some((value) => value != null && value.length % 2 === 0),
    )
    must(sifted.next === whole.next, `to be read on at ${sifted.next}, not at ${whole.next}`)
    must(sifted.looked === whole.records.length, `${sifted.looked} looked at`)
    must(isDeepStrictEqual(sifted.records, kept), 'other records than are kept')
  },
}

function sliceOrWhy(fetched: Fetched, sieve?: Sieve): LogSlice | string {
  try {
    return sliceOf(fetched, { ...ASKED, sieve })
  } catch (error) {
    if (!isFormatError(error)) throw error
    return (error as Error).message
  }
}

function answer(random: Random, records: Uint8Array): Uint8Array {
  const aborted = random.list(random.below(3), (): [number, number] => [
    random.below(3),
    random.below(20),
  ])
  const name = Buffer.from(ASKED.topic)
  const head = Buffer.alloc(16 + name.length)
  head.writeInt32BE(1, 10)
  head.writeInt16BE(name.length, 14)
  name.copy(head, 16)
  const part = Buffer.alloc(38)
  part.writeInt32BE(1, 0)
  part.writeInt32BE(ASKED.partition, 4)
  part.writeInt32BE(aborted.length, 34)
  const list = Buffer.alloc(16 * aborted.length)
  aborted.forEach(([producer, first], i) => {
    list.writeBigInt64BE(BigInt(producer), 16 * i)
    list.writeBigInt64BE(BigInt(first), 16 * i + 8)
  })
  const tail = Buffer.alloc(8)
  tail.writeInt32BE(-1, 0)
  tail.writeInt32BE(records.length, 4)
  return new Uint8Array(Buffer.concat([head, part, list, tail, records]))
}

function batches(random: Random, isOdd: boolean): Uint8Array {
  let first = 0
  return Buffer.concat(
    random.list(random.size(4), () => {
      const count = random.size(6)
      const bytes = batch(random, first, count, isOdd)
      first += count + random.below(3)
      return bytes
    }),
  )
}

const GZIP = 1
const APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

function batch(random: Random, first: number, count: number, isOdd: boolean): Buffer {
  const isControl = count > 0 && random.oneIn(4)
  const records = Buffer.concat(random.list(count, (i) => record(random, i, isControl, isOdd)))
  const isZipped = !isControl && random.oneIn(3)
  const body = isZipped ? gzipSync(records) : records
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(first), 0)
  head.writeInt32BE(49 + body.length, 8)
  head.writeInt32BE(random.below(5), 12)
  head.writeInt8(2, 16)
  const flags = isControl ? TRANSACTIONAL | CONTROL : random.pick([0, APPEND_TIME, TRANSACTIONAL])
  head.writeInt16BE((isZipped ? GZIP : 0) | flags, 21)
  head.writeInt32BE(isOdd ? random.size(2 ** 31 - 1) : Math.max(0, count - 1), 23)
  head.writeBigInt64BE(1_800_000_000_000n, 27)
  head.writeBigInt64BE(1_800_000_001_000n, 35)
  head.writeBigInt64BE(BigInt(random.below(3)), 43)
  head.writeInt32BE(isOdd ? random.size(2 ** 31 - 1) : count, 57)
  return Buffer.concat([head, body])
}

function record(random: Random, delta: number, isControl: boolean, isOdd: boolean): Buffer {
  const size = (): number => (isOdd ? random.size(2 ** 31 - 1) : random.size(40))
  const some = (): Buffer => {
    const bytes = random.bytes(random.size(40))
    return random.oneIn(4) ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])
  }
  const key = isControl ? Buffer.from([8, 0, 0, 0, random.below(2)]) : some()
  const headers = random.below(4)
  const named = random.list(headers, () => Buffer.concat([varint(1), Buffer.from('h'), some()]))
  const counted = isOdd && random.oneIn(4) ? size() : headers
  const all = [Buffer.from([0]), varint(size()), varint(delta), key, some(), varint(counted)]
  const body = Buffer.concat([...all, ...named])
  const length = isOdd && random.oneIn(4) ? size() : body.length
  return Buffer.concat([varint(length), body])
}

function varint(n: number): Buffer {
  const out: number[] = []
  for (let left = n < 0 ? -2 * n - 1 : 2 * n; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...out, left])
    out.push((left % 128) + 128)
  }
}
