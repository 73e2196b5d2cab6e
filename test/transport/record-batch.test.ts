/** Answers to Fetch as a broker, or a hostile producer, may make them. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeFetch, sliceOf } from '../../src/transport/kafka-fetch.ts'
import { type Sieve, SLICE_RECORDS_MAX } from '../../src/transport/log.ts'

function varint(n: number): Buffer {
  const out: number[] = []
  for (let left = n < 0 ? -2 * n - 1 : 2 * n; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...out, left])
    out.push((left % 128) + 128)
  }
}

const field = (data: string | null): Buffer =>
  data === null ? varint(-1) : Buffer.concat([varint(Buffer.byteLength(data)), Buffer.from(data)])

interface Made {
  readonly value?: string | null
  readonly key?: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
  readonly at?: number
}

function recordBytes(
  { value = 'v', key = null, headers = [], at = 0 }: Made,
  delta: number,
): Buffer {
  const parts = [varint(at), varint(delta), field(key), field(value), varint(headers.length)]
  const all = headers.flatMap(([name, of]) => [field(name), field(of)])
  const body = Buffer.concat([Buffer.from([0]), ...parts, ...all])
  return Buffer.concat([varint(body.length), body])
}

interface BatchMade {
  readonly first?: number
  readonly records?: readonly Made[]
  readonly attributes?: number
  readonly epoch?: number
  readonly producer?: bigint
  /** In place of the records. */
  readonly body?: Buffer
  readonly count?: number
  readonly magic?: number
}

/** A batch of 1000 ms and on. */
function batch(made: BatchMade): Buffer {
  const { first = 0, records = [], attributes = 0, epoch = 3, producer = -1n, magic = 2 } = made
  const body = made.body ?? Buffer.concat(records.map((record, i) => recordBytes(record, i)))
  const count = made.count ?? records.length
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(first), 0)
  head.writeInt32BE(49 + body.length, 8)
  head.writeInt32BE(epoch, 12)
  head.writeInt8(magic, 16)
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(count - 1, 23)
  head.writeBigInt64BE(1000n, 27)
  head.writeBigInt64BE(9000n, 35)
  head.writeBigInt64BE(producer, 43)
  head.writeInt32BE(count, 57)
  return Buffer.concat([head, body])
}

type Aborted = readonly { readonly producerId: bigint; readonly firstOffset: number }[]

const read = (
  batches: readonly Buffer[],
  from = 0,
  to = 1_000_000,
  aborted: Aborted = [],
  sieve?: Sieve,
) =>
  sliceOf(
    { errorCode: 0, aborted, records: Buffer.concat(batches) },
    { topic: 'flights', partition: 2, from, to, sieve },
  )

const sifted = (batches: readonly Buffer[], keeps: Sieve['keeps'] = () => false) =>
  read(batches, 0, 1_000_000, [], { header: Buffer.from('id'), keeps })

const shown = (slice: ReturnType<typeof read>): unknown => [
  slice.records.map(({ offset, value }) => `${offset} ${value}`),
  slice.next,
]

const GZIP = 1
const APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

describe('record batches', () => {
  test('are read with offsets, times, epochs, null and repeated headers', () => {
    const headers = [
      ['a', 'x'],
      ['b', null],
      ['a', 'y'],
      ['__proto__', 'p'],
    ] as const
    const { records, next } = read([
      batch({
        first: 10,
        records: [
          { key: 'k', headers, at: 5 },
          { value: null, at: -7 },
        ],
      }),
    ])
    expect(next).toBe(12)
    expect(records[0]).toMatchObject({ partition: 2, offset: 10, timestamp: 1005, leaderEpoch: 3 })
    expect(records[1]).toMatchObject({ offset: 11, timestamp: 993, key: null, value: null })
    const { a, b } = records[0]?.headers ?? {}
    expect([String(records[0]?.key), [a].flat().map(String), b]).toEqual(['k', ['x', 'y'], null])
    expect(Object.keys(records[0]?.headers ?? {})).toEqual(['a', 'b', '__proto__'])
  })

  test('of a log that appends its own time have that one', () => {
    const { records } = read([batch({ records: [{ at: 5 }], attributes: APPEND_TIME })])
    expect(records[0]?.timestamp).toBe(9000)
  })

  test('are cut to what was asked for; one that was cut off is left for the next read', () => {
    const [one, two] = [
      batch({ first: 0, records: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] }),
      batch({ first: 3, records: [{ value: 'd' }] }),
    ]
    expect(shown(read([one, two], 1, 3))).toEqual([['1 b', '2 c'], 3])
    expect(shown(read([one, two.subarray(0, -1)]))).toEqual([['0 a', '1 b', '2 c'], 3])
    expect(shown(read([one.subarray(0, 40)]))).toEqual([[], 0])
  })

  test('that compaction emptied still tell where to read on', () => {
    const empty = batch({ first: 0, count: 0, body: Buffer.alloc(0) })
    empty.writeInt32BE(49, 23)
    expect(shown(read([empty, batch({ first: 50, records: [{}] })]))).toEqual([['50 v'], 51])
  })

  test('of aborted transactions are passed over until the marker of their producer', () => {
    const data = (first: number, producer: bigint, value: string): Buffer =>
      batch({ first, producer, records: [{ value, key: '\0\0\0\0' }], attributes: TRANSACTIONAL })
    const marker = (first: number, producer: bigint, type: 0 | 1): Buffer => {
      const records = [{ key: `\0\0\0${String.fromCharCode(type)}` }]
      return batch({ first, producer, records, attributes: TRANSACTIONAL | CONTROL })
    }
    const log = [
      data(0, 7n, 'aborted'),
      data(1, 8n, 'other'),
      data(2, 7n, 'aborted too'),
      batch({ first: 3, producer: 7n, records: [{ value: 'no transaction' }] }),
      marker(4, 7n, 0),
      data(5, 7n, 'committed'),
      marker(6, 7n, 1),
    ]
    const aborted = [{ producerId: 7n, firstOffset: 0 }]
    expect(shown(read(log, 0, 100, aborted))).toEqual([
      ['1 other', '3 no transaction', '5 committed'],
      7,
    ])
  })

  test('of gzip are decompressed; of another codec named; neither ends what came before', () => {
    const records = [recordBytes({ value: 'zipped' }, 0)]
    const zipped = { first: 1, attributes: GZIP, body: gzipSync(Buffer.concat(records)), count: 1 }
    const plain = batch({ records: [{ value: 'plain' }] })
    expect(shown(read([plain, batch(zipped)]))).toEqual([['0 plain', '1 zipped'], 2])
    for (const [attributes, name] of [
      [2, 'snappy'],
      [3, 'lz4'],
      [4, 'zstd'],
    ] as const) {
      const odd = batch({ first: 1, attributes, body: Buffer.from('?'), count: 1 })
      expect(() => read([odd], 1)).toThrow(`${name}, which cannot be decompressed here`)
      expect(shown(read([plain, odd]))).toEqual([['0 plain'], 1])
    }
  })

  test('that would decompress to more than they may cost are refused', () => {
    const bomb = gzipSync(Buffer.alloc(65 * 2 ** 20))
    expect(bomb.length).toBeLessThan(100_000)
    expect(() => read([batch({ attributes: GZIP, body: bomb, count: 1 })])).toThrow(
      'decompresses to more than 67108864 bytes',
    )
  })

  test('hold no more in one slice than one may, however many were compressed well', () => {
    const value = 'v'.repeat(20 * 2 ** 20)
    const body = gzipSync(recordBytes({ value }, 0))
    const bombs = Array.from({ length: 8 }, (_, first) =>
      batch({ first, attributes: GZIP, body, count: 1 }),
    )
    const { records, next } = read(bombs)
    expect([records.length, next]).toEqual([4, 4])
    expect(read(bombs, next).next).toBe(8)
  })

  test('are read once, byte by byte: no field goes beyond its record', () => {
    const inner = Buffer.concat([varint(0), varint(0), field(null), field(null), varint(9_000)])
    const record = Buffer.concat([Buffer.from([0]), inner])
    const records = Buffer.concat([varint(record.length), record])
    const after = Buffer.concat(Array.from({ length: 9_000 }, () => field('n')))
    const body = Buffer.concat([records, after, after])
    expect(() => read([batch({ body, count: 1 })])).toThrow('does not end')
    const long = Buffer.concat([Buffer.from([0]), varint(0), varint(0), varint(3)])
    const beyond = Buffer.concat([varint(long.length), long, Buffer.from('key'), after])
    expect(() => read([batch({ body: beyond, count: 1 })])).toThrow('beyond its record')
  })

  test('that follow and are none leave what came before', () => {
    const plain = batch({ records: [{ value: 'plain' }] })
    const attributes = TRANSACTIONAL | CONTROL
    for (const odd of [
      batch({ first: 1, attributes, body: varint(500), count: 1 }),
      batch({ first: 1, records: [{}], magic: 1 }),
      Buffer.alloc(61),
    ])
      expect(shown(read([plain, odd]))).toEqual([['0 plain'], 1])
  })

  test('of any number of records are handed over in slices that meet', () => {
    const count = SLICE_RECORDS_MAX + 10
    const bodies = Buffer.concat(Array.from({ length: count }, (_, i) => recordBytes({}, i)))
    const many = batch({ attributes: GZIP, body: gzipSync(bodies), count })
    const first = read([many, batch({ first: count, records: [{}] })])
    expect([first.records.length, first.next]).toEqual([SLICE_RECORDS_MAX, SLICE_RECORDS_MAX])
    const second = read([many], first.next)
    expect([second.records.length, second.next]).toEqual([10, count])
  })

  test('keep the first headers of a record that has any number, and say that there are more', () => {
    const headers = Array.from({ length: 300_000 }, (_, i) => [String(i), ''] as const)
    const bytes = batch({ records: [{ headers: headers.slice(0, 10_000) }, { headers }] })
    const { records } = read([bytes, batch({ first: 2, records: [{ value: 'after' }] })])
    expect(records.map((r) => Object.keys(r.headers).length)).toEqual([10_000, 10_000, 0])
    expect(records.map((r) => r.hasMoreHeaders)).toEqual([undefined, true, undefined])
    expect(String(records[2]?.value)).toBe('after')
    expect(sifted([bytes]).records).toEqual([records[1]])
  })

  test.each([
    ['an old format', batch({ records: [{}], magic: 1 }), 'records of format 1'],
    ['a record beyond its batch', batch({ body: varint(500), count: 1 }), 'beyond its batch'],
    ['a number without end', batch({ body: Buffer.alloc(12, 255), count: 1 }), 'does not end'],
    ['a length below the header', Buffer.alloc(61), 'a batch of 0 bytes'],
    ['more records than bytes', batch({ records: [{}], count: 9 }), 'does not end'],
    ['no gzip', batch({ attributes: GZIP, body: Buffer.from('?'), count: 1 }), 'no gzip'],
  ])('refuse %s', (_, bytes, why) => {
    expect(() => read([bytes])).toThrow(why)
    expect(() => sifted([bytes])).toThrow(why)
  })

  test('are left out by the bytes of a header, and counted all the same', () => {
    const records: readonly Made[] = [
      {
        value: 'kept',
        key: 'k',
        headers: [
          ['a', 'x'],
          ['id', 'me'],
          ['id', 'you'],
        ],
        at: 7,
      },
      { value: 'another', headers: [['id', 'you']] },
      { value: 'none', key: 'me', headers: [] },
      {
        value: 'another name',
        headers: [
          ['ie', 'me'],
          ['i', 'me'],
          ['idd', 'me'],
        ],
      },
      { value: 'without a value', headers: [['id', null]] },
      {
        value: 'repeated',
        headers: [
          ['id', 'you'],
          ['id', null],
          ['id', 'me'],
        ],
      },
    ]
    const isMe: Sieve['keeps'] = (bytes, at, length) =>
      Buffer.from(bytes).toString('utf8', at, at + length) === 'me'
    const plain = batch({ records })
    const body = gzipSync(Buffer.concat(records.map((record, i) => recordBytes(record, i))))
    const zipped = batch({ first: 6, attributes: GZIP, body, count: 6 })
    const slice = sifted([plain, zipped], isMe)
    expect(shown(slice)).toEqual([['0 kept', '5 repeated', '6 kept', '11 repeated'], 12])
    expect(slice.looked).toBe(12)
    expect(slice.records[0]).toEqual(read([plain]).records[0])
    expect(shown(sifted([plain, zipped]))).toEqual([[], 12])
    const header = Buffer.from('id')
    const middle = read([plain], 1, 5, [], { header, keeps: () => true })
    expect([shown(middle), middle.looked]).toEqual([[['1 another'], 5], 4])
  })

  test('are left out by the bytes of their key, too', () => {
    const headers = [['id', 'me']] as const
    const records = [{ key: 'me' }, { key: 'you', headers }, { key: null, headers }, { key: '' }]
    const asked: string[] = []
    const keeps: Sieve['keeps'] = (bytes, at, length) => {
      asked.push(Buffer.from(bytes).toString('utf8', at, at + length))
      return asked.length === 1
    }
    const slice = read([batch({ records })], 0, 9, [], { header: null, keeps })
    expect([shown(slice), slice.looked]).toEqual([[['0 v'], 4], 4])
    expect(asked).toEqual(['me', 'you', ''])
  })

  test('tell a sieve their time', () => {
    const times: number[] = []
    const headers = [['id', 'me']] as const
    const records = [
      { headers, at: 5 },
      { headers, at: -7 },
    ]
    for (const attributes of [0, APPEND_TIME])
      sifted([batch({ records, attributes })], (_bytes, _at, _length, timestamp) => {
        times.push(timestamp)
        return false
      })
    expect(times).toEqual([1005, 993, 9000, 9000])
  })

  test('that a sieve leaves out are refused where they would be if they were decoded', () => {
    const head = [Buffer.from([0]), varint(0), varint(0)]
    const made = (...parts: readonly Buffer[]): Buffer => {
      const body = Buffer.concat([...head, ...parts])
      return batch({ body: Buffer.concat([varint(body.length), body]), count: 1 })
    }
    const [none, one] = [field(null), varint(1)]
    for (const [odd, why] of [
      [made(varint(9)), 'beyond its record'],
      [made(none, varint(9)), 'beyond its record'],
      [made(none, none), 'does not end'],
      [made(none, none, one), 'does not end'],
      [made(none, none, one, varint(9)), 'beyond its record'],
      [made(none, none, one, field('ie')), 'does not end'],
      [made(none, none, one, field('id'), varint(9)), 'beyond its record'],
    ] as const) {
      expect(() => read([odd])).toThrow(why)
      expect(() => sifted([odd])).toThrow(why)
    }
  })

  test('that a sieve leaves out are handed over in slices too: so many are looked at', () => {
    const count = SLICE_RECORDS_MAX + 10
    const body = gzipSync(
      Buffer.concat(Array.from({ length: count }, (_, i) => recordBytes({}, i))),
    )
    const many = batch({ attributes: GZIP, body, count })
    const slice = sifted([many])
    expect([slice.records, slice.looked, slice.next]).toEqual([
      [],
      SLICE_RECORDS_MAX,
      SLICE_RECORDS_MAX,
    ])
  })

  test('an answer that is none is refused, not read beyond its end', () => {
    for (let length = 0; length < 40; length++)
      expect(() => decodeFetch(Buffer.alloc(length, 1))).not.toThrow(RangeError)
    expect(() => decodeFetch(Buffer.alloc(3))).toThrow('expected an answer to a Fetch')
  })
})
