import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import type { Frame, ShapeDelta, TallyDelta } from '../../src/hop/frame.ts'
import { decodeFrame, encodeFrame } from '../../src/hop/frame-codec.ts'
import { frameSchema } from '../../src/hop/frame-schema.ts'
import { consumerHop, producerHop } from '../../src/hop/hop.ts'
import { MISHAP_DETAIL_CHARS_MAX, MISHAPS_MAX, type Mishap } from '../../src/hop/mishap.ts'
import { NOTHING_ASIDE } from '../../src/hop/tally.ts'
import { RECORD_BYTES_MAX } from '../../src/transport/transport.ts'
import { frameArbitrary } from './arbitraries.ts'

const checkin = producerHop('default', 'flights', 'checkin')
const enrich = consumerHop('default', 'flights', 'enrich')

const delta: TallyDelta = {
  hop: checkin,
  channel: 'passed',
  origin: { topic: 'bookings', group: 'checkin' },
  reason: '',
  identity: 'stamp',
  element: 'id',
  oneIn: 64,
  window: 1_700_000_040_000,
  count: 3,
  placeless: 1,
  sketch: new Uint8Array([1, 2, 3]),
  ranges: [{ partition: 2, low: 10, high: 12 }],
  birthLatency: new Uint8Array([4]),
  hopLatency: new Uint8Array([]),
  membership: { capacity: 100_000, bits: new Uint8Array([5, 6]) },
  tags: [{ tag: 2 ** 40 - 1, low: 3, high: 2 ** 24 - 1, count: 2 }],
}
const shape: ShapeDelta = { hop: enrich, window: 0, shape: new Uint8Array(0) }
const mishap: Mishap = {
  ...{ hop: enrich, kind: 'handler_threw', at: 1_700_000_061_000 },
  ...{ partition: 2, from: 10, to: 11, detail: 'TypeError', count: 3 },
  id: '018bcfe568007abc8123456789abcdef',
  ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
}
const tag = { tag: 1, low: 3, high: 5, count: 2 }

const frame: Frame = {
  instance: '00112233445566778899aabbccddeeff',
  number: 7,
  service: 'checkin',
  client: 'checkin/1.4.2',
  host: 'pod-1',
  sentAt: 1_700_000_061_234,
  flushMs: 5_000,
  windowMs: 60_000,
  shape: 'q1',
  seed: 0xffffffff,
  hello: false,
  goodbye: true,
  deltas: [
    delta,
    { ...delta, hop: enrich, channel: 'filtered', origin: null, reason: 'test', ...NOTHING_ASIDE },
  ],
  covered: [{ hop: enrich, partition: 2, from: 10, to: 13 }],
  seals: [{ hop: checkin, sealedUntil: 1_700_000_061_000, open: [1_700_000_040_000] }],
  dropped: [{ hop: enrich, reason: 'tallies-full', count: 2, fromWindow: 0, toWindow: 60_000 }],
  strays: [{ hop: enrich, count: 1, windows: [0, 60_000] }],
  counts: [{ hop: enrich, name: 'received', count: 4 }],
  shapes: [{ hop: checkin, window: 1_700_000_040_000, shape: new Uint8Array([7, 8, 9]) }],
  mishaps: [
    mishap,
    { ...mishap, ...{ hop: checkin, kind: 'rejected', partition: -1, from: -1, to: -1, id: '' } },
    { ...mishap, traceId: '', spanId: '', detail: 'x'.repeat(MISHAP_DETAIL_CHARS_MAX) },
  ],
  recent: [{ number: 6, from: 1, to: 0 }],
}

/** Pinned: agents of this version write these bytes, so the next auditor must read them. */
const PINNED = [
  'c3014944ac4ef299588e00112233445566778899aabbccddeeff0e0e636865636b696ee4dcb2fef962904e',
  'c0a907047131feffffff1f000104000e64656661756c740e666c6967687473000e636865636b696e040e64',
  '656661756c740e666c69676874730c656e7269636800000400000210626f6f6b696e67730e636865636b69',
  '6e000a7374616d7004696480018091b0fef962060206010203020414180002040002c09a0c0405060202fe',
  'ffffffff3f06feffff0f0400020a0008746573740a7374616d7004696480018091b0fef962060206010203',
  '02041418000000000000020204141a00020090d9b2fef962028091b0fef962000002021874616c6c696573',
  '2d66756c6c0400c0a907000202020400c0a907000002021072656365697665640800020c0200001a636865',
  '636b696e2f312e342e320a706f642d3102008091b0fef962060708090006020690d9b2fef9620414162001',
  '8bcfe568007abc8123456789abcdef304bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b7125479',
  '70654572726f7206000290d9b2fef96201010100304bf92f3577b34da6a3ce929d0e0e473600f067aa0ba9',
  '02b712547970654572726f7206020690d9b2fef96204141620018bcfe568007abc8123456789abcdef00c8',
  '01787878787878787878787878787878787878787878787878787878787878787878787878787878787878',
  '78787878787878787878787878787878787878787878787878787878787878787878787878787878787878',
  '7878787878787878787878787878780600f22002f9',
].join('')

/** Written by the version before, which knew of no mishaps. */
const PINNED_BEFORE = [
  'c30187612e60762730a000112233445566778899aabbccddeeff0e0e636865636b696ee4dcb2fef962904e',
  'c0a907047131feffffff1f000104000e64656661756c740e666c6967687473000e636865636b696e040e64',
  '656661756c740e666c69676874730c656e7269636800000400000210626f6f6b696e67730e636865636b69',
  '6e000a7374616d7004696480018091b0fef962060206010203020414180002040002c09a0c0405060202fe',
  'ffffffff3f06feffff0f0400020a0008746573740a7374616d7004696480018091b0fef962060206010203',
  '02041418000000000000020204141a00020090d9b2fef962028091b0fef962000002021874616c6c696573',
  '2d66756c6c0400c0a907000202020400c0a907000002021072656365697665640800020c0200001a636865',
  '636b696e2f312e342e320a706f642d3102008091b0fef962060708090012e2456a',
].join('')

const plain = (f: Frame): unknown => ({
  ...f,
  deltas: f.deltas.map((d) => ({
    ...d,
    sketch: [...d.sketch],
    birthLatency: [...d.birthLatency],
    hopLatency: [...d.hopLatency],
    membership: d.membership && { ...d.membership, bits: [...d.membership.bits] },
  })),
  shapes: f.shapes.map((s) => ({ ...s, shape: [...s.shape] })),
})

function errorOf(bytes: Uint8Array): QuipuError {
  try {
    decodeFrame(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(QuipuError)
    expect((error as QuipuError).code).toBe('FORMAT')
    return error as QuipuError
  }
  throw new Error('expected a QuipuError')
}

describe('frames as bytes', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(frameArbitrary, (f) => {
        expect(plain(decodeFrame(encodeFrame(f)))).toEqual(plain(f))
      }),
    )
  })

  test('are exactly these', () => {
    expect(Buffer.from(encodeFrame(frame)).toString('hex')).toBe(PINNED)
    expect(plain(decodeFrame(Buffer.from(PINNED, 'hex')))).toEqual(plain(frame))
  })

  test('of the version before are read, as frames of now with nothing in what it lacked', () => {
    const before = decodeFrame(Buffer.from(PINNED_BEFORE, 'hex'))
    expect(plain(before)).toEqual(plain({ ...frame, mishaps: [] }))
    expect(decodeFrame(encodeFrame(before))).toEqual(before)
  })

  test('name each hop once', () => {
    const many = { ...frame, deltas: Array.from({ length: 100 }, () => ({ ...delta })) }
    const text = Buffer.from(encodeFrame(many)).toString('latin1')
    expect(text.split('enrich')).toHaveLength(2)
    const [first, second] = decodeFrame(encodeFrame(many)).deltas
    expect(first?.hop).toBe(second?.hop)
  })

  test('follow the schema that is published', () => {
    const published = JSON.parse(
      readFileSync(new URL('../../schemas/frame.avsc', import.meta.url), 'utf8'),
    )
    expect(
      published,
      'schemas/frame.avsc is not src/hop/frame-schema.ts: write JSON.stringify(frameSchema, null, 2) there',
    ).toEqual(JSON.parse(JSON.stringify(frameSchema)))
  })
})

describe('bytes that are no frame', () => {
  test('are refused with bytes after the end', () => {
    expect(errorOf(Buffer.concat([encodeFrame(frame), Buffer.alloc(1)])).message).toContain(
      '1 bytes too many',
    )
  })

  test.each([
    ['this version', PINNED],
    ['the version before', PINNED_BEFORE],
  ])('are refused, whichever bit of %s flips, and cut short', (_, pinned) => {
    const bytes = Buffer.from(pinned, 'hex')
    for (let i = 0; i < bytes.length; i++) errorOf(bytes.subarray(0, i))
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      errorOf(flipped)
    }
  })

  test.each([
    ['this version', PINNED],
    ['the version before', PINNED_BEFORE],
  ])('never crash, whatever follows the header of %s', (_, pinned) => {
    const head = Buffer.from(pinned, 'hex').subarray(0, 10)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        errorOf(Buffer.concat([head, tail]))
      }),
      { numRuns: 2_000 },
    )
  })

  test('are foreign without the marker, and by an unknown version with another fingerprint', () => {
    for (const text of ['', '{}', 'hello', '\xc3']) {
      expect(errorOf(Buffer.from(text, 'latin1')).message).toMatch(/^foreign: .*no frame/)
    }
    const newer = Buffer.from(encodeFrame(frame))
    newer[5] = (newer[5] as number) ^ 1
    expect(errorOf(newer).message).toMatch(/^foreign: .*not known/)
    expect(errorOf(newer).hint).toBeDefined()
  })

  test('are refused above 1 MiB, whole as they may be', () => {
    const big = { ...frame, deltas: [{ ...delta, sketch: new Uint8Array(RECORD_BYTES_MAX) }] }
    expect(errorOf(encodeFrame(big)).message).toContain('more than 1048576')
  })

  const wrong: readonly [string, Partial<Frame>][] = [
    ['number', { number: -1 }],
    ['sentAt', { sentAt: -5 }],
    ['windowMs', { windowMs: 0 }],
    ['sample', { deltas: [{ ...delta, oneIn: 0 }] }],
    ['sample', { deltas: [{ ...delta, oneIn: -64 }] }],
    ['capacity', { deltas: [{ ...delta, membership: { capacity: -1, bits: Buffer.of() } }] }],
    ['tag', { deltas: [{ ...delta, tags: [{ ...tag, tag: 2 ** 40 }] }] }],
    ['tag below 0', { deltas: [{ ...delta, tags: [{ ...tag, tag: -1 }] }] }],
    ['sequences', { deltas: [{ ...delta, tags: [{ ...tag, low: 6 }] }] }],
    ['sequence', { deltas: [{ ...delta, tags: [{ ...tag, high: 2 ** 24 }] }] }],
    ['tag count', { deltas: [{ ...delta, tags: [{ ...tag, count: 0 }] }] }],
    ['tags', { deltas: [{ ...delta, tags: new Array(65).fill(tag) }] }],
    ['tags twice', { deltas: [{ ...delta, tags: [tag, tag] }] }],
    ['order of tags', { deltas: [{ ...delta, tags: [tag, { ...tag, tag: 0 }] }] }],
    ['seed', { seed: 2 ** 32 }],
    ['service', { service: 'x'.repeat(5_000) }],
    ['delta window', { deltas: [{ ...delta, window: -1 }] }],
    ['delta placeless', { deltas: [{ ...delta, placeless: 4 }] }],
    ['range', { deltas: [{ ...delta, ranges: [{ partition: 0, low: 3, high: 2 }] }] }],
    ['partition', { covered: [{ hop: enrich, partition: -1, from: 0, to: 1 }] }],
    ['coverage', { covered: [{ hop: enrich, partition: 0, from: 2, to: 1 }] }],
    ['open window', { seals: [{ hop: enrich, sealedUntil: 1, open: [-1] }] }],
    ['strays', { strays: [{ hop: enrich, count: 1, windows: new Array(2_000).fill(0) }] }],
    ['shape window', { shapes: [{ ...shape, window: -1 }] }],
    ['size of a shape', { shapes: [{ ...shape, shape: new Uint8Array(768 * 1024 + 1) }] }],
    ['shapes', { shapes: new Array(401).fill(shape) }],
    ['mishaps', { mishaps: new Array(MISHAPS_MAX + 1).fill(mishap) }],
    ['partition of a mishap', { mishaps: [{ ...mishap, partition: -2 }] }],
    ['offsets of a mishap', { mishaps: [{ ...mishap, from: 12 }] }],
    ['half of its offsets', { mishaps: [{ ...mishap, from: -1 }] }],
    ['id of a mishap', { mishaps: [{ ...mishap, id: '00' }] }],
    ['trace of a mishap', { mishaps: [{ ...mishap, spanId: '' }] }],
    ['detail', { mishaps: [{ ...mishap, detail: 'x'.repeat(MISHAP_DETAIL_CHARS_MAX + 1) }] }],
    ['count of a mishap', { mishaps: [{ ...mishap, count: 0 }] }],
    ['time of a mishap', { mishaps: [{ ...mishap, at: -1 }] }],
    ['client', { client: 'x'.repeat(5_000) }],
    ['host', { host: 'x'.repeat(5_000) }],
    ['recent', { recent: new Array(2_000).fill({ number: 0, from: 1, to: 0 }) }],
  ]
  test.each(wrong)('are refused where a value is out of its range: %s', (_, part) => {
    expect(errorOf(encodeFrame({ ...frame, ...part })).message).toMatch(/^malformed frame: /)
  })

  test('are not even made of values that Avro cannot hold', () => {
    expect(() => encodeFrame({ ...frame, number: 0.5 })).toThrow(QuipuError)
    expect(() => encodeFrame({ ...frame, instance: 'short' })).toThrow(QuipuError)
  })
})
