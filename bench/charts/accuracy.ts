/** What is known of a difference by how many ids it has: the share named, and how wide the estimate is. */
import { estimateOf } from '../../src/sketch/estimate.ts'
import { peelTable } from '../../src/sketch/peel.ts'
import { Table } from '../../src/sketch/table.ts'
import { median, shares, stampOf } from '../sketch-samples.ts'
import type { BenchResult } from '../types.ts'
import type { Line, Plot } from './plot.ts'

/** Closer together where naming ends. */
const SIZES: readonly number[] = [
  ...[10, 18, 32, 56, 100, 178, 316, 500, 600, 650, 675, 700, 725, 750, 800, 900, 1_000, 1_200],
  ...[1_778, 3_162, 5_623, 10_000, 17_783, 31_623, 56_234, 100_000, 177_828, 316_228, 562_341],
  1_000_000,
]
const NAMED_MAX = 650

interface Point {
  readonly ids: number
  readonly seeds: number
  /** Of the ids, mean. */
  readonly named: number
  readonly widths: Readonly<Record<Family, number>>
  /** Median of |likely − missing| / ids, half missing and half extra. */
  readonly error: number
  /** The share of all intervals that hold the truth. */
  readonly holding: number
}

/** All missing: the usual loss. Half extra: what estimates find hardest. */
const families = { 'all missing': 1, 'half extra': 2 } as const
type Family = keyof typeof families

export function measureAccuracy(): Point[] {
  const share = shares()
  return SIZES.map((ids) => pointOf(ids, share))
}

function pointOf(ids: number, share: () => number): Point {
  const seeds = ids <= 2_000 ? 100 : 40
  const widths: Record<Family, number[]> = { 'all missing': [], 'half extra': [] }
  const errors: number[] = []
  let named = 0
  let intervals = 0
  let holding = 0
  for (const family of Object.keys(families) as Family[]) {
    for (let i = 0; i < seeds; i++) {
      const table = differenceOf(ids, family, Math.floor(2 ** 32 * share()))
      const peeled = peelTable(table)
      named += peeled.ids.length
      if (peeled.complete) {
        widths[family].push(0)
        if (family === 'half extra') errors.push(0)
        continue
      }
      const { kind, missing } = estimateOf(table.counts(), peeled)
      if (kind !== 'interval') continue
      const truth = Math.ceil(ids / families[family])
      intervals++
      if (missing.low <= truth && truth <= missing.high) holding++
      widths[family].push((missing.high - missing.low) / ids)
      if (family === 'half extra') errors.push(Math.abs(missing.likely - truth) / ids)
    }
  }
  return {
    ids,
    seeds,
    named: named / (2 * seeds * ids),
    widths: {
      'all missing': median(widths['all missing']),
      'half extra': median(widths['half extra']),
    },
    error: median(errors),
    holding: holding / intervals,
  }
}

function differenceOf(ids: number, family: Family, seed: number): Table {
  const table = new Table(seed)
  const every = families[family]
  for (let i = 0; i < ids; i++) {
    const [w0, w1, w2, w3] = stampOf(i)
    table.add(w0, w1, w2, w3, i % every === 0 ? 1 : -1)
  }
  return table
}

export function accuracyRows(points: readonly Point[]): BenchResult['rows'] {
  const percent = (value: number): string => (100 * value).toFixed(value > 0.1 ? 1 : 2)
  return points.map(({ ids, seeds, named, widths, error, holding }) => ({
    differences: ids,
    seeds: 2 * seeds,
    'named, %': percent(named),
    'ids named': Number((named * ids).toPrecision(3)),
    'width, %: all missing': percent(widths['all missing']),
    'half extra': percent(widths['half extra']),
    'error, %: half extra': percent(error),
    'holds the truth, %': Number.isNaN(holding) ? '' : percent(holding),
  }))
}

export function accuracyPlot(points: readonly Point[]): Plot {
  const line = (hue: Line['hue'], of: (point: Point) => number): Line => ({
    hue,
    points: points.map((point) => [point.ids, 100 * of(point)]),
  })
  const last = points.at(-1)!
  return {
    title: 'What a table of 32,704 bytes knows of a difference',
    description:
      `Above, the share of ids that are named: all up to ${NAMED_MAX} differences, then steeply fewer, until only ` +
      'some twenty samples are named. Below, the median width of the 95% interval of missing messages, in percent ' +
      'of the differences: nothing while all are named; beyond that, for a million differences, ' +
      `${(100 * last.widths['all missing']).toFixed(1)}% where all are missing and ${(100 * last.widths['half extra']).toFixed(1)}% where half of them are extra. ` +
      `The likeliest number is then off by ${(100 * last.error).toFixed(1)}% in the median.`,
    xHeading: 'differences between two hops in one window',
    x: {
      kind: 'log',
      min: 10,
      max: 1_000_000,
      ticks: [10, 100, 1_000, 10_000, 100_000, 1_000_000].map((at) => ({
        at,
        label: at.toLocaleString('en-US'),
      })),
    },
    markAt: NAMED_MAX,
    panels: [
      {
        heading: 'Ids named, % of the differences',
        height: 170,
        y: percentScale(100, 25),
        lines: [line(1, ({ named }) => named)],
        notes: [
          { x: 560, y: 46, words: `up to ${NAMED_MAX}: every one`, anchor: 'end' },
          { x: 1_150, y: 46, words: 'beyond: true samples, and an estimate' },
        ],
      },
      {
        heading:
          'Width of the 95% interval, and error of the likeliest number, % of the differences',
        height: 270,
        y: percentScale(20, 5),
        lines: [
          line(2, ({ widths }) => widths['half extra']),
          line(1, ({ widths }) => widths['all missing']),
          line(3, ({ error }) => error),
        ],
        notes: [
          { x: 2_400, y: 17.2, words: 'width: half missing, half extra', hue: 2 },
          { x: 2_400, y: 5.4, words: 'width: all missing', hue: 1 },
          { x: 2_400, y: 0.32, words: 'error: half missing, half extra', hue: 3 },
          { x: 560, y: 0.7, words: 'exact', anchor: 'end' },
        ],
      },
    ],
  }
}

function percentScale(max: number, step: number): Plot['x'] {
  const count = max / step + 1
  const ticks = Array.from({ length: count }, (_, i) => ({ at: i * step, label: `${i * step}%` }))
  return { kind: 'linear', min: 0, max, ticks }
}
