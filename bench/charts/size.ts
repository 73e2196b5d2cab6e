/** How many bytes a window takes by its number of messages, beside a Bloom filter and the ids. */
import { Sketch } from '../../src/sketch/sketch.ts'
import { stampOf } from '../sketch-samples.ts'
import type { Plot } from './plot.ts'

const SIZES: readonly number[] = [
  ...[100, 178, 316, 562, 1_000, 1_001, 1_200, 1_778, 3_162, 10_000, 31_623, 100_000, 316_228],
  ...[1_000_000, 3_162_278, 10_000_000],
]
const ID_BYTES = 16
/** ln(100) / ln(2)² bits an id, for a false yes in 100. */
const BLOOM_BYTES: number = Math.log(100) / Math.LN2 ** 2 / 8
const BYTES_MAX = 200_000_000

export interface SizePoint {
  readonly messages: number
  readonly sketch: number
  readonly bloomFilter: number
  readonly ids: number
}

export function measureSizes(): SizePoint[] {
  // One sketch that grows: written whenever it has come to the next size.
  const sketch = new Sketch()
  let i = 0
  return SIZES.map((messages) => {
    for (; i < messages; i++) {
      const [w0, w1, w2, w3] = stampOf(i)
      sketch.add(w0, w1, w2, w3)
    }
    return {
      messages,
      sketch: sketch.toBytes().length,
      bloomFilter: Math.ceil(messages * BLOOM_BYTES),
      ids: messages * ID_BYTES,
    }
  })
}

export function sizePlot(points: readonly SizePoint[]): Plot {
  const last = points.at(-1)!
  const bytes = (value: number): string => value.toLocaleString('en-US')
  return {
    title: 'What a window takes, and what it can say',
    description:
      `Bytes of one window by its messages, both on logarithmic scales. At ${bytes(last.messages)} messages the ids ` +
      `take ${bytes(last.ids)} bytes and name any difference; a Bloom filter takes ${bytes(last.bloomFilter)} and ` +
      `misses one absent id in 100; the sketch takes ${bytes(last.sketch)}, names up to about 650 differences and estimates more.`,
    xHeading: 'messages in one window',
    x: {
      kind: 'log',
      min: 100,
      max: 10_000_000,
      ticks: [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000].map((at) => ({
        at,
        label: at.toLocaleString('en-US'),
      })),
    },
    panels: [
      {
        heading: 'Bytes of a window, sent once; up to 1,000 messages a list',
        height: 310,
        y: {
          kind: 'log',
          min: 100,
          max: BYTES_MAX,
          ticks: [
            { at: 100, label: '100 B' },
            { at: 1_000, label: '1 kB' },
            { at: 10_000, label: '10 kB' },
            { at: 100_000, label: '100 kB' },
            { at: 1_000_000, label: '1 MB' },
            { at: 10_000_000, label: '10 MB' },
            { at: 100_000_000, label: '100 MB' },
          ],
        },
        lines: [
          { hue: 3, points: points.map(({ messages, ids }) => [messages, ids]) },
          { hue: 2, points: points.map(({ messages, bloomFilter }) => [messages, bloomFilter]) },
          { hue: 1, points: points.map(({ messages, sketch }) => [messages, sketch]) },
        ],
        notes: [
          {
            ...{ x: 60_000, y: 3_000_000, hue: 3, anchor: 'end' },
            words: 'ids: names any difference',
          },
          {
            ...{ x: 5_000, y: 1_400, hue: 2 },
            words: 'Bloom filter 1%: one absent id in 100 passes',
          },
          {
            ...{ x: 8_500_000, y: 11_000, hue: 1, anchor: 'end' },
            words: 'sketch: names up to about 650, estimates more',
          },
        ],
      },
    ],
  }
}
